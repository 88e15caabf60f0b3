"""A TCP proxy that does what networks do: delays, drops connections, slices into tiny segments, damages bytes, closes one half,
swallows one direction. Which bytes are hit is drawn from a seed, which is printed; every fault is counted."""

import asyncio
import random
import re
import socket
import struct
import threading

CHUNK_BYTES = 16 * 1024
UP, DOWN = "to the server", "to the client"


class Fault:
    """What a proxy does to bytes on their way. `budget`: so many times; then it only forwards, so that whoever tries again gets
    through. `pattern`: only connections, or for Damage bytes, that this is found in. `direction`: UP, DOWN or None for both."""

    def __init__(self, budget=None, pattern=None, direction=None):
        self.budget = budget
        self.pattern = pattern
        self.direction = direction
        self.fired = 0

    def may_fire(self, flow):
        in_budget = self.budget is None or self.fired < self.budget
        return in_budget and self.direction in (None, flow.direction) and (self.pattern is None or re.search(self.pattern, flow.begin))

    async def pass_on(self, flow, chunk):
        await flow.write(chunk)


class Plain(Fault):
    """Only forwards."""


class Delay(Fault):
    """Every piece waits up to `most_ms`."""

    def __init__(self, most_ms, **kept):
        super().__init__(**kept)
        self.most_ms = most_ms

    async def pass_on(self, flow, chunk):
        if self.may_fire(flow):
            self.fired += 1
            await asyncio.sleep(flow.draw.uniform(0, self.most_ms) / 1e3)
        await flow.write(chunk)


class Slice(Fault):
    """Every piece goes out in segments of 1 to `most_bytes` bytes."""

    def __init__(self, most_bytes, **kept):
        super().__init__(**kept)
        self.most_bytes = most_bytes

    async def pass_on(self, flow, chunk):
        while chunk and self.may_fire(flow):
            size = flow.draw.randint(1, self.most_bytes)
            self.fired += 1
            await flow.write(chunk[:size])
            chunk = chunk[size:]
        await flow.write(chunk)


class Once(Fault):
    """Something that happens to a connection once, after a drawn number of its bytes."""

    def __init__(self, least_bytes=200, most_bytes=20_000, **kept):
        super().__init__(**kept)
        self.range = least_bytes, most_bytes

    async def pass_on(self, flow, chunk):
        if flow.until_fault is None:
            flow.until_fault = flow.draw.randint(*self.range)
        flow.until_fault -= len(chunk)
        if flow.until_fault > 0 or not self.may_fire(flow):
            await flow.write(chunk)
            return
        self.fired += 1
        flow.until_fault = float("inf")
        await self.fire(flow, chunk)


class Drop(Once):
    """The connection is reset in the middle of a piece."""

    async def fire(self, flow, chunk):
        await flow.write(chunk[:len(chunk) // 2])
        flow.reset()


class HalfClose(Once):
    """One direction ends as if its sender had finished; the other one stays open."""

    async def fire(self, flow, chunk):
        await flow.write(chunk[:len(chunk) // 2])
        flow.finish()


class Swallow(Once):
    """From here on nothing of one direction arrives, and nobody is told."""

    async def fire(self, flow, chunk):
        flow.swallowed = True


class Damage(Fault):
    """One bit of what follows `after` (a pattern of bytes) is flipped, `budget` times; without it one of each piece of
    `every_bytes`."""

    def __init__(self, budget, after=None, every_bytes=4000, **kept):
        super().__init__(budget=budget, **kept)
        self.after = after
        self.every_bytes = every_bytes

    async def pass_on(self, flow, chunk):
        at = self.place(flow, chunk) if self.may_fire(flow) else None
        if at is not None:
            self.fired += 1
            damaged = bytearray(chunk)
            damaged[at] ^= 1 << flow.draw.randrange(8)
            chunk = bytes(damaged)
        await flow.write(chunk)

    def place(self, flow, chunk):
        if self.after is not None:
            found = re.search(self.after, chunk)
            return None if found is None or found.end() >= len(chunk) else found.end()
        if flow.until_fault is None:
            flow.until_fault = flow.draw.randint(1, self.every_bytes)
        flow.until_fault -= len(chunk)
        if flow.until_fault > 0:
            return None
        flow.until_fault = None
        return flow.draw.randrange(len(chunk))


class Flow:
    """One direction of one connection."""

    def __init__(self, proxy, direction, draw, reader, writer):
        self.proxy, self.direction, self.draw = proxy, direction, draw
        self.reader, self.writer = reader, writer
        self.until_fault = None
        self.swallowed = False
        self.finished = False
        self.begin = b""  # of the client's bytes, which say what it wants
        self.peer = self

    async def run(self):
        try:
            while chunk := await self.reader.read(CHUNK_BYTES):
                if self.direction == UP and len(self.begin) < 4096:
                    self.begin = self.peer.begin = self.begin + chunk[:4096]
                if not self.swallowed and not self.finished:
                    await self.proxy.fault.pass_on(self, chunk)
            if not self.swallowed:
                self.finish()
        except (OSError, asyncio.CancelledError):
            self.reset()

    async def write(self, chunk):
        if chunk and not self.finished:
            self.proxy.bytes += len(chunk)
            self.writer.write(chunk)
            await self.writer.drain()

    def finish(self):
        self.finished = True
        if self.writer.can_write_eof() and not self.writer.transport.is_closing():
            self.writer.write_eof()

    def reset(self):
        for writer in (self.writer, self.peer.writer):
            raw = writer.get_extra_info("socket")
            if raw is not None and raw.fileno() >= 0:
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()


class Proxy:
    """Listens on a free port of loopback, forwards to `port` there, which may be changed; new connections go to the new one.
    Runs on a thread of its own until close()."""

    def __init__(self, port, fault, seed):
        self.upstream, self.fault, self.seed = port, fault, seed
        self.connections = self.bytes = 0
        self.port = None
        self.tasks = set()
        ready = threading.Event()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self.thread.start()
        assert ready.wait(10), "the proxy did not start"
        self.address = f"127.0.0.1:{self.port}"

    def _run(self, ready):
        asyncio.set_event_loop(self.loop)

        async def start():
            self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
            self.port = self.server.sockets[0].getsockname()[1]

        self.loop.run_until_complete(start())
        ready.set()
        self.loop.run_forever()

    async def _serve(self, reader, writer):
        number, self.connections = self.connections, self.connections + 1
        try:
            there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self.upstream)
        except OSError:
            writer.transport.abort()
            return
        for end in (writer, there_writer):
            end.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        up = Flow(self, UP, random.Random(f"{self.seed}/{number}/up"), reader, there_writer)
        down = Flow(self, DOWN, random.Random(f"{self.seed}/{number}/down"), there_reader, writer)
        up.peer, down.peer = down, up
        task = asyncio.ensure_future(asyncio.gather(up.run(), down.run()))
        self.tasks.add(task)
        try:
            await task
        except asyncio.CancelledError:
            pass
        finally:
            self.tasks.discard(task)
            for end in (writer, there_writer):
                end.transport.abort()

    def said(self):
        """For people and for assertions."""
        return f"{type(self.fault).__name__.lower()} x{self.fault.fired} on {self.connections} connections, seed {self.seed}"

    def close(self):
        def stop():
            self.server.close()
            for task in self.tasks:
                task.cancel()
            self.loop.call_later(0.05, self.loop.stop)

        self.loop.call_soon_threadsafe(stop)
        self.thread.join(10)
