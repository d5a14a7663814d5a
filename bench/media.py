"""Files both ways: decoded, uploaded, and received until their words are there."""

from bench import arrivals, media_decoding, uploads
from bench.carrier import carrying
from bench.figures import Figure
from bench.stack import Bench


async def measure(bench: Bench) -> list[Figure]:
    figures = await media_decoding.measure(bench)
    async with carrying() as carrier:
        figures += await arrivals.measure(bench, carrier)
        figures += await uploads.measure(bench, carrier)
    return figures
