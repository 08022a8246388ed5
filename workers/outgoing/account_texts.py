"""What the mails about accounts say, in both languages; `{link}` is filled last."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """One mail: its subject and its words."""

    subject: str
    body: str

    def filled(self, **words: str) -> "Text":
        """Put words into both; a line break in a word would be one in a header."""
        flat = {name: " ".join(word.split()) for name, word in words.items()}
        subject, body = self.subject, self.body
        for name, word in flat.items():
            subject, body = (text.replace(f"{{{name}}}", word) for text in (subject, body))
        return Text(subject, body)


TEXTS: dict[str, dict[str, Text]] = {
    "reset": {
        "zh": Text(
            "重设连锁簿的登录密码",
            "您好:\n\n有人请求重设您在连锁簿的登录密码。请在 30 分钟内打开下面的链接,"
            "设置新密码:\n\n"
            "{link}\n\n链接只能使用一次。设置后,您在所有设备上的登录都会结束;动态验证码仍然有效。\n"
            "如果不是您本人请求,请忽略此邮件,您的密码没有改变。\n",
        ),
        "en": Text(
            "Reset your Rollbook password",
            "Hello,\n\nsomebody asked to reset your password in Rollbook. Open this link within 30 "
            "minutes to set a new one:\n\n{link}\n\nIt works once. Afterwards you are signed out "
            "everywhere; your second factor stays.\nIf it was not you, ignore this mail: nothing "
            "has changed.\n",
        ),
    },
    "address": {
        "zh": Text(
            "确认您的邮箱",
            "您好:\n\n请在 24 小时内打开下面的链接,确认这个邮箱属于您在连锁簿的账户:\n\n{link}\n\n"
            "确认后可以用它登录和找回密码。如果不是您本人操作,请忽略此邮件。\n",
        ),
        "en": Text(
            "Confirm your mail address",
            "Hello,\n\nopen this link within 24 hours to confirm that this address belongs to your "
            "Rollbook account:\n\n{link}\n\nThen you can sign in by it and reset your password.\n"
            "If it was not you, ignore this mail.\n",
        ),
    },
    "invitation": {
        "zh": Text(
            "{place}邀请您使用连锁簿",
            "{name},您好:\n\n{inviter}邀请您加入「{place}」。"
            "请在 7 天内打开下面的链接:\n\n{link}\n\n链接只能使用一次,请不要转发。\n",
        ),
        "en": Text(
            "{place} invites you to Rollbook",
            "Hello {name},\n\n{inviter} invites you to work in {place}. Open this link within 7 "
            "days:\n\n{link}\n\nIt works once; please do not pass it on.\n",
        ),
    },
}
