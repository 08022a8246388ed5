"""What belongs to a person wherever he or she works: language, mail address, words of a guesser."""

from datetime import datetime
from uuid import UUID

from tenants.people import identity, names
from tenants.services import service


def by_name(name: str) -> UUID | None:
    """Find a person by sign-in name or mail, disabled ones too; for operators."""
    wanted = {"names": [names.normal(name), name.lower()]}
    with service("app_auth") as connection:
        row = connection.execute(
            "SELECT coalesce((SELECT id FROM registry.people WHERE login = ANY(%(names)s) LIMIT 1),"
            " (SELECT id FROM registry.people WHERE email = ANY(%(names)s) LIMIT 1)) AS id",
            wanted,
        ).fetchone()
    return row["id"] if row else None


def set_disabled(person_id: UUID, since: datetime | None) -> None:
    """Shut an account, or open it again; for operators."""
    with service("app_provision") as connection:
        connection.execute(
            "UPDATE registry.people SET disabled_at = %s WHERE id = %s", [since, person_id]
        )


def set_locale(person_id: UUID, locale: str) -> None:
    """Keep a person's language."""
    with service("app_auth") as connection:
        connection.execute(
            "UPDATE registry.people SET locale = %s WHERE id = %s", [locale, person_id]
        )


def mail_of(person_id: UUID) -> str | None:
    """Give where a person reads mail: the confirmed address, else the sign-in name."""
    with service("app_auth") as connection:
        row = connection.execute(
            "SELECT coalesce(email, login) AS mail FROM registry.people WHERE id = %s", [person_id]
        ).fetchone()
    return row["mail"] if row and names.is_mail(row["mail"]) else None


def words_about(person_id: UUID) -> list[str]:
    """List what a guesser knows of a person: names, addresses, where the person works."""
    with service("app_auth") as connection:
        row = connection.execute(
            "SELECT login, name, email FROM registry.people WHERE id = %s", [person_id]
        ).fetchone()
    own = [str(word) for word in row.values() if word] if row else []
    places = [membership.tenant for membership in identity.memberships(person_id)]
    return [*own, *(place.display_name for place in places), *(place.slug for place in places)]


def set_mail(person_id: UUID, address: str) -> bool:
    """Keep a confirmed mail address; False when it is another person's name or mail."""
    with service("app_auth") as connection:
        row = connection.execute(
            "UPDATE registry.people SET email = %(mail)s WHERE id = %(person)s AND NOT EXISTS "
            "(SELECT FROM registry.people WHERE id <> %(person)s "
            " AND (login = %(mail)s OR email = %(mail)s)) RETURNING 1",
            {"mail": address, "person": person_id},
        ).fetchone()
    return row is not None
