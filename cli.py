"""The `amends` command. Everything heavy is imported by the command that needs it."""

from __future__ import annotations

import asyncio
import importlib.util
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

import register_cli
import rulebook_cli
from domain.values import HQ_ROLES, STAFF_ROLES, Role
from embedded.children import CannotStart, free_port, insist_on_port
from embedded.leaving import leave
from register_cli import DATA, Data
from settings import Settings

app = typer.Typer(help="Amends: complaint, arbitration and compensation.", no_args_is_help=True, pretty_exceptions_enable=False)
app.add_typer(register_cli.network, name="network")
app.add_typer(rulebook_cli.rulebook, name="rulebook")


@app.command()
def up(
    data: Data = DATA,
    host: Annotated[str, typer.Option(help="The address the API listens on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The API's port.")] = 8080,
    temporal_port: Annotated[int, typer.Option(min=1, max=65535, help="The Temporal server's port.")] = 7233,
    ui_port: Annotated[int, typer.Option(min=1, max=65535, help="The Temporal web UI's port.")] = 8233,
    virtual_time: Annotated[bool, typer.Option("--virtual-time", help="Let each complaint's clock be moved by hand.")] = False,
) -> None:
    """Run everything here: PostgreSQL, Temporal with its web UI, worker and API. Ctrl-C stops all of it."""
    settings = Settings(
        data_dir=data,
        host=host,
        port=port,
        temporal_port=temporal_port,
        ui_port=ui_port,
        virtual_time=virtual_time,
        embedded=True,
    )

    async def stay(here: Settings) -> bool:
        typer.echo(f"Amends is ready; its data is in {here.data_dir}. Ctrl-C stops it.")
        return True

    _open_house(settings, stay)
    typer.echo("Stopped.")


@app.command()
def demo(
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Leave when the cases are closed.")] = False,
    data: Annotated[
        Path | None, typer.Option("--data", metavar="DIR", help="Keep the demo's data; else it is thrown away.")
    ] = None,
) -> None:
    """Drive the shipped cases through their whole lives in virtual time."""
    from embedded.demo import run

    failed = 0
    with _demo_folder(data) as folder:
        settings = Settings(
            data_dir=folder,
            port=free_port(8080),
            temporal_port=free_port(7233),
            ui_port=free_port(8233),
            virtual_time=True,
            embedded=True,
        )

        async def play(here: Settings) -> bool:
            nonlocal failed
            failed = await run(here.api_url, _tokens(here), typer.echo)
            serving = not no_serve and sys.stdin.isatty() and sys.stdout.isatty()
            if serving:
                typer.echo("Everything stays open until Ctrl-C.")
            return serving

        _open_house(settings, play)
    raise typer.Exit(1 if failed else 0)


@app.command()
def setup() -> None:
    """Migrations, Temporal namespace retention, search attributes and schedules, starter rulebook. Safe to run again."""
    from installation import connect, set_up

    async def work(settings: Settings) -> None:
        await set_up(settings, await connect(settings))

    _in_the_open(work)


@app.command()
def api() -> None:
    """The API, for a real installation (AMENDS_DATABASE_URL, TEMPORAL_*)."""
    import server
    from installation import connect

    async def work(settings: Settings) -> None:
        insist_on_port(settings.host, settings.port, what="the API", option="AMENDS_PORT")
        await server.serve(settings, await connect(settings, lazy=True), _told_to_stop())

    _in_the_open(work)


@app.command()
def worker() -> None:
    """The worker and the notice dispatcher, for a real installation."""
    import worker as working
    from installation import connect

    async def work(settings: Settings) -> None:
        await working.serve(settings, await connect(settings), _told_to_stop())

    _in_the_open(work)


@app.command()
def token(
    role: Annotated[str, typer.Option(help=f"One of {', '.join(sorted(STAFF_ROLES))}.")],
    branch: Annotated[str | None, typer.Option(help="The unit's code; HQ roles need none.")] = None,
    sub: Annotated[str | None, typer.Option(help="The staff code; role@branch when left out.")] = None,
    data: Data = DATA,
) -> None:
    """Print a token signed with the installation's own key."""
    settings = Settings(data_dir=data)
    if settings.oidc_issuer:
        raise CannotStart(f"This installation's identities come from {settings.oidc_issuer}; it signs no tokens of its own.")
    if role not in STAFF_ROLES:
        raise typer.BadParameter(f"{role} is not a role. The roles are {', '.join(sorted(STAFF_ROLES))}.")
    if branch is None and Role(role) not in HQ_ROLES:
        raise typer.BadParameter(f"The role {role} belongs to a unit: name it with --branch.")
    typer.echo(_tokens(settings)(role, branch, sub))


@app.command()
def replay(
    histories: Annotated[Path, typer.Option(metavar="DIR", help="Recorded histories, *.json.", file_okay=False)] = Path(
        "tests/histories"
    ),
    open_: Annotated[
        bool, typer.Option("--open", help="The histories of all open complaints instead, asked of the server.")
    ] = False,
) -> None:
    """Replay histories against this code; the exit code is 1 on the first that breaks."""
    import replaying

    async def work() -> None:
        typer.echo(await (replaying.of_open_complaints(Settings()) if open_ else replaying.of_recorded(histories)))

    _run(work())


def _tokens(settings: Settings) -> Callable[[str, str | None, str | None], str]:
    from api.auth import OwnKey
    from installation import signing_key

    key = OwnKey(signing_key(settings))

    def signed(role: str, branch: str | None = None, sub: str | None = None) -> str:
        return key.sign(sub or f"{role}@{branch or 'hq'}", [role], branch)

    return signed


def _open_house(settings: Settings, then: Callable[[Settings], Coroutine[Any, Any, bool]]) -> None:
    """Everything embedded, for as long as `then` wants; it is called when all is ready."""
    import house
    import logs

    logs.write(settings.data_dir / "amends.log")
    typer.echo("Starting PostgreSQL and Temporal …")
    with house.foundations(settings) as here:

        async def ready() -> bool:
            typer.echo(f"  API          {here.api_url}/v1   (documentation: {here.api_url}/docs)")
            typer.echo(f"  Temporal     127.0.0.1:{here.temporal_port}   (web: http://127.0.0.1:{here.ui_port})")
            return await then(here)

        _run(house.live(here, ready))


def _in_the_open(work: Callable[[Settings], Coroutine[Any, Any, None]]) -> None:
    """One process of a real installation: its settings from the environment, its logs on standard output."""
    import logs

    logs.write()
    settings = Settings()
    if not settings.database_url:
        raise CannotStart(
            "Say where the register is: AMENDS_DATABASE_URL=postgresql://user@host/database. (`amends up` brings its own.)"
        )
    _run(work(settings))


def _run(work: Coroutine[Any, Any, None]) -> None:
    """On uvloop, where it installs."""
    uvloop = importlib.import_module("uvloop") if importlib.util.find_spec("uvloop") else asyncio
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)


def _told_to_stop() -> asyncio.Event:
    """Set on Ctrl-C and SIGTERM."""
    stop = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    return stop


@contextmanager
def _demo_folder(given: Path | None) -> Iterator[Path]:
    """A new folder, thrown away afterwards, or the one given: new as well, since the cases can be told only once in it."""
    if given is None:
        with tempfile.TemporaryDirectory(prefix="amends-demo-", ignore_cleanup_errors=True) as folder:
            yield Path(folder)
    elif (given / "postgres").exists():
        raise CannotStart(f"{given} has been used already; the demo needs a new directory.")
    else:
        yield given


def main() -> NoReturn:
    """The installed command. It always leaves through `leave`: a Temporal client may have been opened."""
    code: int | str | None = 0
    try:
        app()
    except SystemExit as left:
        code = left.code
    except CannotStart as sentence:
        typer.echo(str(sentence), err=True)
        code = 1
    except KeyboardInterrupt:
        code = 130
    except Exception:  # noqa: BLE001 - the outermost line of the process
        traceback.print_exc()
        code = 1
    leave(code if isinstance(code, int) else int(code is not None))


if __name__ == "__main__":
    main()
