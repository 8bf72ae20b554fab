"""An SFTP server on 127.0.0.1, in a thread of its own: asyncssh's, with the faults that partners' servers have."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncssh

USER, PASSWORD = "orderwright", "sftp-pass"


class SftpServer:
    """`root` is what a partner has. `fault`: what goes wrong from now on, see `_Files`. `begun`: calls of each kind."""

    def __init__(self, root: Path, **options: Any) -> None:
        self.root, self.fault = root, ""
        self.key = asyncssh.generate_private_key("ssh-ed25519")
        self.users_key = asyncssh.generate_private_key("ssh-ed25519")
        self.options = options
        self.port = 0
        self.sign_ins = 0
        self.lines: list[Any] = []
        self.released = asyncio.Event()

    @property
    def address(self) -> str:
        return f"sftp://{USER}@127.0.0.1:{self.port}"

    @property
    def host_key(self) -> str:
        return self.key.export_public_key().decode().strip()

    @property
    def private_key(self) -> str:
        return self.users_key.export_private_key().decode()

    def put(self, name: str, content: bytes, at: int = 1_700_000_000) -> None:
        """A file of the partner, with its time."""
        (self.root / name).write_bytes(content)
        os.utime(self.root / name, (at, at))

    @contextmanager
    def running(self) -> Iterator[SftpServer]:
        loop, up = asyncio.new_event_loop(), threading.Event()
        acceptors: list[Any] = []

        async def begin() -> None:
            acceptors.append(
                await asyncssh.listen(
                    "127.0.0.1", 0, server_host_keys=[self.key], server_factory=lambda: _Gate(self),
                    sftp_factory=lambda channel: _Files(channel, self), **self.options,
                )
            )  # fmt: skip
            self.port, self.released = acceptors[0].get_port(), asyncio.Event()
            up.set()

        async def end() -> None:
            self.released.set()
            await asyncio.sleep(0.02)  # those that hung go on, and close their files
            acceptors[0].close()
            for line in self.lines:
                line.abort()
            await asyncio.sleep(0.02)
            left = asyncio.all_tasks() - {asyncio.current_task()}
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
            await loop.shutdown_default_executor()

        over = asyncio.Event()

        async def live() -> None:
            await begin()
            await over.wait()
            await end()

        def run() -> None:
            asyncio.set_event_loop(loop)
            loop.run_until_complete(live())
            loop.close()

        thread = threading.Thread(target=run, name="sftp", daemon=True)
        thread.start()
        assert up.wait(10)
        try:
            yield self
        finally:
            loop.call_soon_threadsafe(over.set)
            thread.join(10)


class _Gate(asyncssh.SSHServer):
    def __init__(self, server: SftpServer) -> None:
        self._server = server

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._server.sign_ins += 1
        self._server.lines.append(conn)

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return username == USER and key == self._server.users_key.convert_to_public()

    def password_auth_supported(self) -> bool:
        return True

    async def validate_password(self, username: str, password: str) -> bool:
        if self._server.fault == "sign-in hangs":
            await self._server.released.wait()
        return (username, password) == (USER, PASSWORD)


class _Files(asyncssh.SFTPServer):
    """`fault`: "<call> hangs", "<call> refused", "<call> lost" (it was done, and the line breaks); "quota": 4 bytes fit."""

    def __init__(self, channel: Any, server: SftpServer) -> None:
        self._line, self._server = channel, server
        super().__init__(channel, chroot=str(server.root).encode())
        if server.fault == "session lost":
            channel.get_connection().abort()

    async def _done(self, call: str, done: Any) -> Any:
        fault = self._server.fault
        if fault == f"{call} hangs":
            await self._server.released.wait()
        if fault == f"{call} refused":
            raise asyncssh.SFTPFailure("no")
        if fault == f"{call} forbidden":
            raise asyncssh.SFTPPermissionDenied("no")
        answer = done()
        if fault == f"{call} lost":
            self._line.get_connection().abort()
        return answer

    async def read(self, file_obj: Any, offset: int, size: int) -> bytes:
        found: bytes = await self._done("read", lambda: super(_Files, self).read(file_obj, offset, size))
        return found

    async def open(self, path: bytes, pflags: int, attrs: Any) -> Any:
        return await self._done("open", lambda: super(_Files, self).open(path, pflags, attrs))

    async def write(self, file_obj: Any, offset: int, data: bytes) -> int:
        if self._server.fault == "quota":
            super().write(file_obj, offset, data[:4])
            raise asyncssh.SFTPFailure("quota")
        return int(await self._done("write", lambda: super(_Files, self).write(file_obj, offset, data)))

    async def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        await self._done("rename", lambda: super(_Files, self).posix_rename(oldpath, newpath))

    async def rename(self, oldpath: bytes, newpath: bytes) -> None:
        await self._done("rename", lambda: super(_Files, self).rename(oldpath, newpath))

    async def remove(self, path: bytes) -> None:
        await self._done("remove", lambda: super(_Files, self).remove(path))
