"""The floor of live events: a bare asyncio server that writes given bytes to all who are there.

What comes in after a line `SEND <length>` is written to every connection that said `WATCH`.
"""

import asyncio
import sys

from uvloop import run

WATCH, SEND = b"WATCH\n", b"SEND "


async def main(port: int) -> None:
    watching: set[asyncio.StreamWriter] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            if line == WATCH:
                watching.add(writer)
            else:
                data = await reader.readexactly(int(line.removeprefix(SEND)))
                for each in watching:
                    each.write(data)
        watching.discard(writer)
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    run(main(int(sys.argv[1])))
