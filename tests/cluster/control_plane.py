"""A real control plane on this machine: etcd, API server, and as many of the controllers as are wanted.

`with ControlPlane() as plane: lay(world, plane)`, then read it with `plane.kubeconfig("runbook")`.
"""

from __future__ import annotations

import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cluster import build
from tests.cluster.etcd import Etcd
from tests.cluster.files import write_egress, write_kubeconfig, write_service_account_keys, write_tokens
from tests.cluster.kubelet import Kubelets
from tests.cluster.programs import Programs
from tests.cluster.rest import Rest

# These write what only they can word, and change nothing that a world says. Those of Deployments,
# nodes and garbage would make pods, taint nodes and remove objects of their own accord.
QUIET_CONTROLLERS = ("persistentvolume-binder-controller", "persistentvolume-attach-detach-controller")
WATCHERS = ("kube-controller-manager", "kube-scheduler", "kwok")


class ControlPlane:
    """A cluster without nodes of its own. All its files are in `folder`, a temporary one by default.

    `controllers` are names that kube-controller-manager's --controllers takes, "*" among them; none means
    that it is not started. `with_kwok` keeps nodes' leases and makes nodes and pods run that are labelled
    `kwok: "yes"` (kwok/stages.yaml). All three may be changed before a world is laid.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        controllers: tuple[str, ...] = QUIET_CONTROLLERS,
        scheduler: bool = True,
        with_kwok: bool = False,
    ) -> None:
        self._binary = build.control_plane()
        self._own_folder = folder is None
        self.folder = folder or Path(tempfile.mkdtemp(prefix="eks-runbook-cluster-"))
        self.controllers = controllers
        self.scheduler = scheduler
        self.with_kwok = with_kwok
        etcd, self._etcd_peer, self._port = _free_ports(3)
        self.url = f"https://127.0.0.1:{self._port}"
        self.etcd_url = f"http://127.0.0.1:{etcd}"
        self.etcd = Etcd(self.etcd_url)
        self.programs = Programs(self.folder)
        self.kubelets = Kubelets()
        self.bootstrapped: frozenset[str] = frozenset()

    def __enter__(self) -> ControlPlane:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def ca_pem(self) -> str:
        """The certificate that the API server's own is signed by."""
        return (self.folder / "apiserver.crt").read_text()

    def rest(self, identity: str = "admin") -> Rest:
        """A client of the API server, for `with`."""
        return Rest(self.url, token=self._tokens[identity], ca_pem=self.ca_pem)

    def kubeconfig(self, identity: str) -> Path:
        """A kubeconfig for `admin` or `runbook`."""
        path = self.folder / f"kubeconfig-{identity}"
        return write_kubeconfig(path, url=self.url, ca_pem=self.ca_pem, token=self._tokens[identity])

    def start(self) -> None:
        """Start everything; returns when the API server is ready. Raises StartError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            self._start_etcd()
            self._start_api_server()
            self.bootstrapped = frozenset(stored.key for stored in self.etcd.objects())
            self.start_controllers()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End everything; a folder of our own making goes with it."""
        self.programs.stop_all()
        self.kubelets.stop()
        self.etcd.close()
        if self._own_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """No scheduler and no controller runs meanwhile; afterwards they look at everything anew."""
        for name in WATCHERS:
            self.programs.stop(name)
        try:
            yield
        finally:
            self.start_controllers()

    def start_controllers(self) -> None:
        """Start controllers, scheduler and kwok, as far as wanted; does not wait for them."""
        admin = f"--kubeconfig={self.kubeconfig('admin')}"
        alone = (admin, "--leader-elect=false", "--secure-port=0")
        if self.controllers:
            chosen = f"--controllers={','.join(self.controllers)}"
            self._start("kube-controller-manager", *alone, chosen, *self._controllers_keys())
        if self.scheduler:
            self._start("kube-scheduler", *alone)
        if self.with_kwok:
            stages = f"--config={build.HERE / 'kwok' / 'stages.yaml'}"
            lease = "--node-lease-duration-seconds=40"
            self.programs.start("kwok", [str(build.kwok()), admin, "--manage-all-nodes", lease, stages])

    def _controllers_keys(self) -> tuple[str, ...]:
        key = f"--service-account-private-key-file={self.folder / 'sa.key'}"
        return key, f"--root-ca-file={self.folder / 'apiserver.crt'}"

    def _start(self, name: str, *options: str) -> None:
        self.programs.start(name, [str(self._binary), name, *options])

    def _start_etcd(self) -> None:
        options = (
            f"--data-dir={self.folder / 'etcd'}",
            f"--listen-client-urls={self.etcd_url}",
            f"--advertise-client-urls={self.etcd_url}",
            f"--listen-peer-urls=http://127.0.0.1:{self._etcd_peer}",
            "--heartbeat-interval=10",  # with the next: it elects itself at once
            "--election-timeout=60",
            "--unsafe-no-fsync",
            "--log-level=error",
        )
        self._start("etcd", *options)
        self.programs.wait("etcd", lambda: _agrees(Rest(self.etcd_url, timeout=2), "/health"))

    def _start_api_server(self) -> None:
        write_service_account_keys(self.folder / "sa.key", self.folder / "sa.pub")
        write_egress(self.folder / "egress.json", self.kubelets.socket)
        self._tokens = write_tokens(self.folder / "tokens.csv")
        self._start("kube-apiserver", *self._api_server_options())
        self.programs.wait("kube-apiserver", (self.folder / "apiserver.key").exists)
        self.programs.wait("kube-apiserver", lambda: _agrees(self.rest(), "/readyz"))
        self.kubelets.tls.load_cert_chain(self.folder / "apiserver.crt", self.folder / "apiserver.key")

    def _api_server_options(self) -> tuple[str, ...]:
        return (
            f"--etcd-servers={self.etcd_url}",
            f"--secure-port={self._port}",
            "--bind-address=127.0.0.1",
            f"--cert-dir={self.folder}",
            f"--service-account-key-file={self.folder / 'sa.pub'}",
            f"--service-account-signing-key-file={self.folder / 'sa.key'}",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--token-auth-file={self.folder / 'tokens.csv'}",
            f"--egress-selector-config-file={self.folder / 'egress.json'}",
            "--authorization-mode=Node,RBAC",
            "--service-cluster-ip-range=10.96.0.0/16",
            "--allow-privileged=true",
            "--storage-media-type=application/json",  # so that lay() can put times back
            "--disable-admission-plugins=TaintNodesByCondition",  # a node's taints are what the world says
        )


def _agrees(rest: Rest, path: str) -> bool:
    try:
        with rest:
            return rest.ask("GET", path).status == 200
    except OSError:
        return False  # nobody listens yet


def _free_ports(count: int) -> list[int]:
    """Ports that nobody uses: fixed ones would let two runs join each other's etcd."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports: list[int] = [server.getsockname()[1] for server in held]
    for server in held:
        server.close()
    return ports
