"""Everything an installation can be told, in one frozen object read once by the composition roots."""

from __future__ import annotations

from datetime import time
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")


class Settings(BaseSettings):
    """Read from the environment as AMENDS_<NAME>. Temporal's address is read as its own CLI reads it (TEMPORAL_*)."""

    model_config = SettingsConfigDict(env_prefix="AMENDS_", frozen=True, extra="ignore")

    database_url: str = Field("", description="PostgreSQL 15 or newer, `postgresql+psycopg://user@host/database`.")
    data_dir: Path = Field(Path(".amends"), description="Where evidence, the signing key and all that is embedded is kept.")
    host: str = Field("127.0.0.1", description="The address the API listens on.")
    port: int = Field(8080, ge=1, le=65535, description="The port the API listens on.")
    temporal_port: int = Field(7233, ge=1, le=65535, description="The embedded Temporal server's port.")
    ui_port: int = Field(8233, ge=1, le=65535, description="The embedded Temporal web UI's port.")
    public_url: str = Field("", description="What links in letters begin with; the API's own address when empty.")

    task_queue: str = Field("amends", description="The Temporal task queue the worker polls and complaints are started on.")
    embedded: bool = Field(False, description="PostgreSQL and Temporal were started by us (`amends up`, `amends demo`).")
    virtual_time: bool = Field(False, description="Each complaint has a clock of its own that may be moved. Embedded only.")

    token_key: Path | None = Field(None, description="File with the key that signs tokens; `<data_dir>/token.key` when absent.")
    oidc_issuer: str | None = Field(None, description="Where identities come from. `amends token` then refuses to sign any.")

    notices: Literal["log", "smtp"] = Field("log", description="Letters are only logged, or sent by SMTP.")
    smtp_host: str = Field("localhost", description="The mail server letters are handed to.")
    smtp_port: int = Field(25, ge=1, le=65535, description="Its port.")
    smtp_user: str | None = Field(None, description="Log in with this name; no login when absent.")
    smtp_password: SecretStr | None = Field(None, description="The password belonging to `smtp_user`.")
    smtp_tls: Literal["none", "starttls", "tls"] = Field("none", description="How the connection to it is protected.")
    smtp_sender: str = Field("amends@localhost", description="Whom letters come from.")

    digest_hour: time = Field(
        time(8, 30), description="From when, in Shanghai's time, the day's digests of what climbed to a person are sent."
    )

    payout_provider: Literal["voucher", "http"] = Field(
        "voucher", description="How approved sums are paid: a voucher that finance confirms, or a provider's API."
    )
    payout_url: str = Field("", description="Where that API is: https, unless it is on this machine.")
    payout_key_id: str = Field("", description="Which of its keys is ours; named with every signature, theirs and ours.")
    payout_secret: SecretStr | None = Field(
        None, description="That key. Requests to the provider and its webhooks are signed by it."
    )

    @model_validator(mode="after")
    def _provider_is_whole(self) -> Self:
        """A provider half configured is found when the process starts, not when the first customer is to be paid."""
        if self.payout_provider != "http":
            return self
        missing = [name for name in ("payout_url", "payout_key_id", "payout_secret") if not getattr(self, name)]
        if missing:
            raise ValueError(f"payout_provider is http, but there is no {' and no '.join(missing)}")
        url = urlsplit(self.payout_url)
        if not url.hostname or not (url.scheme == "https" or (url.scheme == "http" and url.hostname in _THIS_MACHINE)):
            raise ValueError("payout_url must begin with https://; accounts travel there")
        return self

    @property
    def api_url(self) -> str:
        """Where the API answers on this machine."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)
        return f"http://{host}:{self.port}"

    @property
    def key_file(self) -> Path:
        return self.token_key or self.data_dir / "token.key"
