"""What goes wrong with the broker: through a proxy for any, for real where it is ours alone.

A shared one is never stopped: for our processes a proxy that refuses them, with their queues
deleted meanwhile, is a broker killed and started on an empty disk.
"""

import random
import subprocess
from collections.abc import Callable

from tests.chaos.site import Site, amqp_do, queue_names

Fault = Callable[[Site, random.Random], str]


def queues_purged(site: Site, chance: random.Random) -> str:
    """What was rung is forgotten."""
    amqp_do(site, "queue_purge", queue_names(site))
    return "all"


def queues_deleted(site: Site, chance: random.Random) -> str:
    """Queues vanish under their consumers."""
    names = [name for name in queue_names(site) if chance.random() < 0.7]
    amqp_do(site, "queue_delete", names)
    return f"{len(names)} queues"


def broker_lost(site: Site, chance: random.Random) -> str:
    """F6, F7: the broker is away, and comes back with nothing."""
    assert site.broker_proxy
    pause = 0.5 + chance.random() * 3
    site.broker_proxy.go_away()
    amqp_do(site, "queue_delete", queue_names(site))
    site.watch(pause)
    site.broker_proxy.come_back()
    return f"for {pause:.1f} s"


def broker_cut(site: Site, chance: random.Random) -> str:
    """F8: connections to the broker reset, at once or in the midst of a frame."""
    assert site.broker_proxy
    if chance.random() < 0.5:
        site.broker_proxy.cut()
        return "at once"
    count = chance.randint(1, 400)
    site.broker_proxy.cut_after(count)
    return f"after {count} bytes"


def broker_silent(site: Site, chance: random.Random) -> str:
    """F9: connections to the broker stay open and nothing comes through any more."""
    assert site.broker_proxy
    site.broker_proxy.fall_silent()
    return "what was connected"


def broker_slow(site: Site, chance: random.Random) -> str:
    """F10."""
    assert site.broker_proxy
    pause = 1 + chance.random() * 2
    site.broker_proxy.delay(0.3)
    site.watch(pause)
    site.broker_proxy.delay(0)
    return f"0.3 s for {pause:.1f} s"


def broker_stopped(site: Site, chance: random.Random) -> str:
    """F6: our own node killed, or stopped politely, and started again on its disk."""
    assert site.broker
    is_polite = chance.random() < 0.3
    (site.broker.stop if is_polite else site.broker.kill)()
    pause = chance.random() * 2
    site.watch(pause)
    site.broker.start()
    return f"{'stopped' if is_polite else 'killed'}, away for {pause:.1f} s"


def broker_emptied(site: Site, chance: random.Random) -> str:
    """F7: our own node loses its disk, dead or alive."""
    assert site.broker
    if chance.random() < 0.5:
        _watch_until_over(site, site.broker.reset())
        return "reset"
    site.broker.kill()
    site.broker.wipe()
    site.broker.start()
    return "killed, its disk deleted"


def broker_alarmed(site: Site, chance: random.Random) -> str:
    """F14: our own node blocks who publishes and goes on with who consumes."""
    assert site.broker
    pause = 2 + chance.random() * 6
    _watch_until_over(site, site.broker.alarm(pause))
    return f"for {pause:.1f} s"


def _watch_until_over(site: Site, command: subprocess.Popen[bytes]) -> None:
    while command.poll() is None:
        site.watch(0.1)
    if command.returncode:
        raise RuntimeError("rabbitmqctl failed; see control.log")


OF_ANY_BROKER: dict[Fault, int] = {
    queues_purged: 2,
    queues_deleted: 2,
    broker_cut: 3,
    broker_silent: 2,
    broker_slow: 1,
}
OF_A_SHARED_ONE: dict[Fault, int] = {broker_lost: 2}
OF_OUR_OWN: dict[Fault, int] = {broker_stopped: 2, broker_emptied: 2, broker_alarmed: 2}
