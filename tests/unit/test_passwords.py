"""What a password costs a guesser, and a sign-in with a name that nobody has."""

from tenants.people import passwords
from web.people import sign_in

COST = "$argon2id$v=19$m=65536,t=3,p=4$"  # what RFC 9106 asks of a server with little memory


def test_every_hash_has_its_full_cost_whoever_it_is_for() -> None:
    assert passwords.hashed("trundle-violet-harbour").startswith(COST)
    assert sign_in._nobody.__wrapped__().startswith(COST)


def test_a_hash_is_of_one_password_alone() -> None:
    stored = passwords.hashed("trundle-violet-harbour")

    assert sign_in._verify(stored, "trundle-violet-harbour")
    assert not sign_in._verify(stored, "trundle-violet-harbou")
    assert not sign_in._verify("not a hash", "trundle-violet-harbour")
    assert stored != passwords.hashed("trundle-violet-harbour")  # salted
