"""Say a message in the words of its carrier: chat robots, signed webhooks, SMS and WeChat gateways.

A gateway is whatever the store's SMS or WeChat provider, or a small program before it, makes of a
signed webhook (Standard Webhooks): {type, timestamp, data: {to, text, event, locale}}.
"""

import base64
import hashlib
import hmac
import json
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from standardwebhooks import Webhook

from shared.domain.notifications.rules.endpoints import Kind, Secrets
from shared.domain.notifications.service.sending import Outcome, Parcel
from workers.outgoing import outside
from workers.outgoing.outside import Answer

# Where each robot listens; the key is a checked part of the address, never the whole of it.
ROBOTS = {
    Kind.WECOM: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={key}",
    Kind.DINGTALK: "https://oapi.dingtalk.com/robot/send?access_token={key}",
    Kind.FEISHU: "https://open.feishu.cn/open-apis/bot/v2/hook/{key}",
}
# What a refusal by status says about the message itself; others may be different the next time.
_OURS = {"Http400", "Http413", "Http415", "Http422"}


def to_robot(parcel: Parcel, secrets: Secrets, *, now: datetime) -> Outcome:
    """Post a text to a chat group."""
    assert parcel.kind is not None
    text = parcel.zh if parcel.locale == "zh" else parcel.en
    url = ROBOTS[parcel.kind].format(key=secrets.key)
    if parcel.kind is Kind.FEISHU:
        body: dict[str, Any] = {"msg_type": "text", "content": {"text": text}}
        if secrets.secret:
            stamp = str(int(now.timestamp()))
            key = f"{stamp}\n{secrets.secret}".encode()
            body |= {"timestamp": stamp, "sign": _base64(hmac.digest(key, b"", hashlib.sha256))}
    else:
        body = {"msgtype": "text", "text": {"content": text}}
        if parcel.kind is Kind.DINGTALK and secrets.secret:
            stamp = str(int(now.timestamp() * 1000))
            signed = f"{stamp}\n{secrets.secret}".encode()
            sign = _base64(hmac.digest(secrets.secret.encode(), signed, hashlib.sha256))
            url += "&" + urlencode({"timestamp": stamp, "sign": sign})
    return _judged_robot(outside.post(url, _json(body), {}))


def to_webhook(parcel: Parcel, secrets: Secrets, *, now: datetime) -> Outcome:
    """Post an event to the store's own program."""
    data = {"text_zh": parcel.zh, "text_en": parcel.en, "count": parcel.count}
    return _post_signed(parcel, secrets, kind=parcel.event, data=data, now=now)


def to_gateway(parcel: Parcel, secrets: Secrets, *, to: str, locale: str, now: datetime) -> Outcome:
    """Give a text to the provider that brings it to a phone."""
    text = parcel.en if locale.startswith("en") else parcel.zh
    data = {"to": to, "text": text, "event": parcel.event, "locale": locale[:2]}
    kind = f"{parcel.channel.lower()}.send"
    return _post_signed(parcel, secrets, kind=kind, data=data, now=now)


def _post_signed(
    parcel: Parcel, secrets: Secrets, *, kind: str, data: dict[str, Any], now: datetime
) -> Outcome:
    assert parcel.url is not None
    stamp = parcel.created_at.isoformat()
    body = _json({"type": kind, "timestamp": stamp, "data": data})
    message_id = f"msg_{parcel.uid.hex}"
    signatures = [
        Webhook(secret).sign(message_id, now, body.decode()) for secret in secrets.signing(now)
    ]
    headers = {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
    return _judged(outside.post(parcel.url, body, headers))


def _judged(answer: Answer) -> Outcome:
    error = answer.error
    return Outcome(
        error=error,
        is_final=error == "AddressRefused" or error in _OURS,
        is_ours=error in _OURS,
    )


def _judged_robot(answer: Answer) -> Outcome:
    """Look into the answer: a robot says no with a status of 200."""
    if answer.error is not None:
        return _judged(answer)
    said = answer.json()
    code = said.get("errcode", said.get("code"))
    return Outcome() if code == 0 else Outcome(error=f"Robot{str(code)[:20]}")


def _json(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()
