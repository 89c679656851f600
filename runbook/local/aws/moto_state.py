"""The embedded account's state: moto, in this process, made to begin empty and to do the same every time.

The only other file that touches moto is `moto_wire.py`.
"""

from __future__ import annotations

import datetime as dt
import functools
import importlib
import io
import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import RLock
from types import SimpleNamespace
from typing import TYPE_CHECKING

import boto3
import botocore.session
from botocore.loaders import JSONFileLoader, Loader
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from runbook.local.aws.moto_wire import Json, environ_of, not_embedded, result_of

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment
    from flask import Flask
    from moto.backends import SERVICE_NAMES

NOT_EMBEDDED = 501
#: How the names of operations begin that change nothing.
READS = ("Describe", "Get", "List", "Simulate")


class _ReadOnce(JSONFileLoader):
    """Every session has a loader of its own; what one has parsed, all may use."""

    @staticmethod
    @functools.cache
    def _read(path: str) -> object:
        return JSONFileLoader().load_file(path)

    def load_file(self, file_path: str) -> object:
        return self._read(file_path)


@functools.cache
def load() -> WSGIApplication:
    """Import moto's heavy parts, once, and return the application that answers for all its services.

    moto.ec2 reads the list of Regions from three new sessions, and moto its models from a loader of its own:
    one session with one loader for them all parses the same 20 MB of JSON once instead of four times. Nor
    does an account here begin with a default VPC, AMIs, or the table of which Region offers which instances.
    """
    os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
    from moto.core import responses, utils
    from moto.core.base_backend import AccountSpecificBackend
    from moto.core.loaders import create_loader
    from moto.utilities import utils as resources

    loader = create_loader()
    # Not moto's: boto3's clients change their models, and moto wants them as they are in the files.
    _replace(Loader, "FILE_LOADER_CLASS", _ReadOnce)
    botocore_session = botocore.session.get_session()
    botocore_session.register_component("data_loader", loader)
    session = boto3.Session(botocore_session=botocore_session)
    read = resources.load_resource
    _replace(utils, "create_loader", lambda: loader)
    _replace(responses, "method_names_from_class", functools.cache(utils.method_names_from_class))
    _replace(AccountSpecificBackend, "get_session", lambda: session)
    without_offerings = _replaced(
        resources, "load_resource", lambda path: [] if "instance_type_offerings" in str(path) else read(path)
    )
    with without_offerings, _replaced(boto3, "Session", lambda: session):
        ec2 = importlib.import_module("moto.ec2.models")
    _replace(ec2.EC2Backend, "create_default_vpc", lambda _backend: SimpleNamespace(id="vpc-none"))
    return _application()


def _replace(owner: object, name: str, value: object) -> None:
    setattr(owner, name, value)


@contextmanager
def _replaced(owner: object, name: str, value: object) -> Iterator[None]:
    original = getattr(owner, name)
    _replace(owner, name, value)
    try:
        yield
    finally:
        _replace(owner, name, original)


def _application() -> WSGIApplication:
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    def create(service: SERVICE_NAMES) -> Flask:
        app = create_backend_app(service)
        app.register_error_handler(Exception, _unable)
        if service == "s3":
            _ignore_bucket_policies()
        return app

    application = DomainDispatcherApplication(create)
    _replace(application, "get_backend_for_host", functools.cache(application.get_backend_for_host))
    dispatch: WSGIApplication = application
    return dispatch


def _ignore_bucket_policies() -> None:
    """Let no bucket's policy judge: moto reads no condition, and so refuses all where TLS is asked."""
    from moto.iam.access_control import PermissionResult
    from moto.s3.models import FakeBucket

    _replace(FakeBucket, "get_permission", lambda *_: PermissionResult.NEUTRAL)


def _unable(error: Exception) -> tuple[str, int]:
    """Answer that moto lacks the operation (NotImplementedError, or no such path), or broke over it."""
    missing = isinstance(error, NotImplementedError | HTTPException)
    return ("" if missing else f"{type(error).__name__}: {error}"), NOT_EMBEDDED


class Moto:
    """One account, empty at first. One may be open at a time in a process: moto's state is global."""

    _open = False

    def __init__(self, *, account: str, region: str, now: dt.datetime) -> None:
        if Moto._open:
            raise RuntimeError("another embedded account is still open in this process")
        self._app = load()
        self._account = account
        self._region = region
        self._lock = RLock()
        self._seeds: Counter[str] = Counter()
        self.changes: Counter[str] = Counter()
        """How often each service was asked to change something."""
        self._reset()
        self._exit = ExitStack()
        self._exit.enter_context(_stopped_clock(now))
        self._exit.callback(self._reset)
        Moto._open = True

    def close(self) -> None:
        """Forget everything, so that another can be opened."""
        self._exit.close()
        Moto._open = False

    def ask(
        self, service: str, operation: str, parameters: Json, *, ids: dict[str, str] | None = None
    ) -> Json:
        """Call moto as a client would. `ids` (prefix -> id) names what the call is to create.

        Raises AwsError, and botocore's ParamValidationError.
        """
        environ = environ_of(service, operation, parameters, self._region)
        with self._lock, _chosen_ids(ids or {}):
            name = f"{service}:{operation}"
            response = self.forward(environ, name=name, seed=f"{operation} {parameters} {ids}")
            return result_of(service, operation, response)

    def forward(self, environ: WSGIEnvironment, *, name: str, seed: str) -> Response:
        """Hand a request to moto as it came.

        What moto draws by chance follows from the seed, and from how often it was given.

        Raises the AwsError NotEmbedded where moto lacks the operation.
        """
        from moto.moto_api._internal import mock_random

        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ = environ | {"wsgi.input": io.BytesIO(body), "HTTP_X_MOTO_ACCOUNT_ID": self._account}
        service, _, operation = name.partition(":")
        with self._lock:
            self._seeds[seed] += 1
            self.changes[service] += not operation.startswith(READS)
            mock_random.seed(f"{seed} {self._seeds[seed]}")
            response = Response.from_app(self._app, environ, buffered=True)
        if response.status_code == NOT_EMBEDDED:
            raise not_embedded(name, response.get_data(as_text=True))
        return response

    def provide_managed_policy(self, arn: str) -> None:
        """Give the account one of AWS's own policies. Loading all 1,500 at the start would take 0.2 s."""
        from moto.iam.models import AWSManagedPolicy, iam_backends

        iam = iam_backends[self._account][arn.split(":")[1]]
        name = arn.rpartition("/")[2]
        document = _managed_policy(name)
        if arn in iam.managed_policies or document is None:
            return
        policy = AWSManagedPolicy.from_data(name, self._account, self._region, document)
        iam.managed_policies[policy.arn] = policy

    def _reset(self) -> None:
        from moto.core.base_backend import BackendDict
        from moto.core.model_instances import reset_model_data
        from moto.moto_api._internal import mock_random

        BackendDict.reset()  # first: S3 closes the files of all objects that the model still knows
        reset_model_data()
        mock_random.seed(0)


def _managed_policy(name: str) -> Json | None:
    """One policy from moto's table, which is one JSON text of 4.7 MB."""
    from moto.iam.aws_managed_policies import aws_managed_policies_data as table

    start = table.find(f'\n "{name}":')
    if start < 0:
        return None
    policy: Json = json.JSONDecoder().raw_decode(table, table.index("{", start))[0]
    return policy


@contextmanager
def _chosen_ids(ids: dict[str, str]) -> Iterator[None]:
    """Within this context moto's first new id of each given prefix is the given one."""
    from moto.ec2 import utils

    pending, random_id = dict(ids), utils.random_id

    def chosen(prefix: str = "", size: int = 17) -> str:
        return pending.pop(prefix, None) or random_id(prefix, size)

    with _replaced(utils, "random_id", chosen):
        yield


@contextmanager
def _stopped_clock(now: dt.datetime) -> Iterator[None]:
    """Within this context it is `now` for moto, always."""
    from moto.core import utils

    class Stopped(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> Stopped:
            return cls.fromtimestamp(now.timestamp(), tz)

    with _replaced(utils, "datetime", SimpleNamespace(datetime=Stopped)):
        yield
