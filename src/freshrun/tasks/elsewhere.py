"""The options of a rehearsal on other machines, and what they ask for."""

from collections.abc import MutableMapping
from importlib.util import find_spec

from freshrun.fleet import Cluster, asked_cluster
from freshrun.model import FreshrunError

PLACES = {
    "cluster": "have the workers of a Dask cluster rehearse: its scheduler's address, or its file",
    "tls-ca-file": "who may vouch for a cluster; what Dask's settings say unless given",
    "tls-cert": "what proves to a cluster who asks; what Dask's settings say unless given",
    "tls-key": "the key of that; what Dask's settings say unless given",
}
"""The options that take a text, and what they mean."""

PLAIN_TCP = "let repository and secrets go to a cluster on another host without TLS"


def cluster_of(given: MutableMapping[str, str | bool], *, workers: int | None) -> Cluster | None:
    """Take the cluster that is asked for out of what was given, `None` for none.

    `FreshrunError` where that is misuse, or what a cluster needs is not installed.
    """
    told = {name: str(given.pop(name.replace("-", "_"))) for name in PLACES}
    cluster = asked_cluster(
        told.pop("cluster"),
        plain_tcp=bool(given.pop("plain_tcp")),
        files={name.removeprefix("tls-").replace("-", "_"): told[name] for name in told},
    )
    if cluster and workers:
        raise FreshrunError("--workers is for this machine; a cluster has workers of its own")
    if cluster and find_spec("distributed") is None:
        right = "pip install 'freshrun[cluster]'"
        raise FreshrunError(f"distributed is not installed, which --cluster needs: {right}")
    return cluster
