"""The application: every part is made outside and put together here, so that nothing below knows the framework."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

from litestar import Litestar
from litestar.di import Provide

from mobile_api import auth, openapi, problems, push_key
from mobile_api.admission import SyncGate
from mobile_api.doorkeeper import Doorkeeper
from mobile_api.edge import Edge
from mobile_api.key_uses import KeyUses
from mobile_api.metrics import Metrics
from mobile_api.origins import Origins
from mobile_api.push import Taking
from mobile_api.routes import HANDLERS
from mobile_api.routes.sync import Syncs
from mobile_api.uploads import ImportGate
from mobile_api.wake import Hub
from server.database import Database
from server.domain.tokens import Signer
from server.jobs.runner import running
from server.jobs.uptime import beating
from server.settings import Settings


def create_app(settings: Settings, database: Database, signer: Signer) -> Litestar:
    """The ASGI application of one process. It owns `database` from now on and closes it when it stops.

    Routes may ask by name for `settings`, `database`, `metrics`, `syncs`, `import_gate`, `hub`, and the names of `auth.dependencies`.
    """
    metrics, hub = Metrics(), Hub(database)
    metrics.watch(database.health)
    doorkeeper = Doorkeeper(settings, metrics)
    key = signer.cursor_key
    syncs = Syncs(database, signer, SyncGate(settings, metrics, key), Taking(database, key), key)
    import_gate = ImportGate()
    public_key = push_key.read(settings)
    app = Litestar(
        route_handlers=HANDLERS,
        dependencies={
            **auth.dependencies(signer, auth.PasswordGate()),
            "settings": Provide(lambda: settings, sync_to_thread=False),
            "database": Provide(lambda: database, sync_to_thread=False),
            "metrics": Provide(lambda: metrics, sync_to_thread=False),
            "syncs": Provide(lambda: syncs, sync_to_thread=False),
            "import_gate": Provide(lambda: import_gate, sync_to_thread=False),
            "public_key": Provide(lambda: public_key, sync_to_thread=False),
            "hub": Provide(lambda: hub, sync_to_thread=False),
        },
        exception_handlers=problems.HANDLERS,
        lifespan=[lambda _: doorkeeper.running(), lambda _: hub.running(), lambda _: _working(database, settings)],
        after_response=KeyUses(database).note,
        on_shutdown=[database.close],
        debug=False,
        # Each of these has its own place: openapi.py, logs.py, and codec.py, which bounds every body while it arrives.
        openapi_config=None,
        logging_config=None,
        request_max_body_size=None,
    )
    app.state.openapi = openapi.document(app)
    app.state.doorkeeper = doorkeeper
    app.asgi_handler = Edge(app.asgi_handler, metrics, Origins(settings.origins))
    return app


@asynccontextmanager
async def _working(database: Database, settings: Settings) -> AsyncIterator[None]:
    """The server says that it is up; the jobs and the sender of pushes run too, unless processes of their own do that work."""
    async with beating(database), running(database, settings) if settings.worker == "on" else nullcontext():
        yield
