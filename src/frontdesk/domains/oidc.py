"""OpenID Connect: a provider that the operator chose vouches for a person's e-mail.

The authorization code flow with PKCE, state and nonce:
https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth
"""

import asyncio
import hmac
import time
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import orjson
from authlib.common.security import generate_token
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from frontdesk.domains.encryption import Cipher
from frontdesk.kernel.errors import Forbidden, FrontdeskError, Unavailable
from frontdesk.settings import OidcSettings
from frontdesk.web.egress import Egress

SCOPE = "openid email profile"
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
"""Signatures by a key that only the provider has: never `none`, never a shared secret."""
FLIGHT_SECONDS = 600
"""How long a person may take at the provider."""
LEEWAY_SECONDS = 60
KNOWN_SECONDS = 3600.0
"""How long the provider's description and keys are remembered."""
KEYS_AGAIN_SECONDS = 30.0
"""A token by an unknown key makes us ask for the keys again, so often at most."""
CALL_SECONDS = 10.0
LONGEST_PATH = 500
CONTEXT = "OpenID Connect sign-in"


class Untrusted(Forbidden):
    """What came back proves nothing."""


class Unverified(Forbidden):
    """The provider does not vouch for the e-mail."""


@dataclass(frozen=True)
class Flight:
    """What we must know again when the browser comes back. Sealed in its cookie."""

    state: str
    nonce: str
    verifier: str
    return_to: str
    until: float


@dataclass
class OpenIdProvider:
    """One provider, asked through the guarded client."""

    settings: OidcSettings
    redirect_uri: str
    egress: Egress
    cipher: Cipher
    _description: dict[str, Any] = field(default_factory=dict[str, Any])
    _described_at: float = float("-inf")
    _keys: KeySet | None = None
    _keys_at: float = float("-inf")
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def begin(self, return_to: str) -> tuple[str, str]:
        """Where the browser goes, and the cookie that it takes along."""
        description = await self._describe()
        until = time.time() + FLIGHT_SECONDS
        flight = Flight(
            generate_token(32), generate_token(32), generate_token(64), return_to, until
        )
        query = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": SCOPE,
            "state": flight.state,
            "nonce": flight.nonce,
            "code_challenge": create_s256_code_challenge(flight.verifier),
            "code_challenge_method": "S256",
        }
        endpoint = str(description["authorization_endpoint"])
        sealed = self.cipher.seal(orjson.dumps(asdict(flight)).decode(), CONTEXT)
        joint = "&" if "?" in endpoint else "?"
        return f"{endpoint}{joint}{urlencode(query)}", sealed.hex()

    def landed(self, cookie: str, state: str) -> Flight:
        """The flight that a browser comes back from. Raises Untrusted."""
        try:
            flight = Flight(**orjson.loads(self.cipher.open(bytes.fromhex(cookie), CONTEXT)))
        except (ValueError, TypeError, Unavailable):
            raise Untrusted("this browser did not begin to sign in here; begin again") from None
        if not hmac.compare_digest(flight.state.encode(), state.encode("utf-8", "replace")):
            raise Untrusted("the answer is to another sign-in than this browser's; begin again")
        if flight.until < time.time():
            raise Untrusted("signing in took too long; begin again")
        return flight

    async def email(self, flight: Flight, code: str) -> str:
        """The e-mail that the provider vouches for. Raises Untrusted, Unverified, Unavailable."""
        description = await self._describe()
        answer = await self._exchange(description, code, flight.verifier)
        claims = await self._claims(str(answer.get("id_token", "")), flight.nonce, answer)
        if "email" not in claims and "userinfo_endpoint" in description:
            claims = await self._userinfo(description, claims, str(answer.get("access_token", "")))
        email, verified = claims.get("email"), claims.get("email_verified")
        if not isinstance(email, str) or verified not in (True, "true"):
            raise Unverified(f"{self.settings.name} does not say that the e-mail is verified")
        return email

    async def _describe(self) -> dict[str, Any]:
        async with self._lock:
            if time.monotonic() - self._described_at > KNOWN_SECONDS:
                url = f"{self.settings.issuer}/.well-known/openid-configuration"
                found = await self._json("GET", url)
                if str(found.get("issuer", "")).rstrip("/") != self.settings.issuer:
                    raise Unavailable(
                        f"FRONTDESK_OIDC_ISSUER is {self.settings.issuer}, but the provider there "
                        f"calls itself {str(found.get('issuer'))[:200]!r}"
                    )
                for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                    if not str(found.get(name, "")).startswith(("https://", "http://")):
                        raise Unavailable(f"{url} names no {name}")
                self._description, self._described_at = found, time.monotonic()
            return self._description

    async def _exchange(
        self, description: Mapping[str, Any], code: str, verifier: str
    ) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": verifier,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        secret = self.settings.client_secret
        ways = description.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if secret and "client_secret_basic" in ways:
            pair = f"{quote(self.settings.client_id, safe='')}:{quote(secret, safe='')}"
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        else:
            form["client_id"] = self.settings.client_id
            if secret:
                form["client_secret"] = secret
        return await self._json(
            "POST", str(description["token_endpoint"]), headers, urlencode(form).encode()
        )

    async def _claims(self, token: str, nonce: str, answer: Mapping[str, Any]) -> dict[str, Any]:
        """What the ID token says, once it is proven to be the provider's, for us and for now."""
        try:
            decoded = await self._decoded(token)
            issuer = {"essential": True, "value": self._description["issuer"]}
            params = {
                "nonce": nonce,
                "client_id": self.settings.client_id,
                "access_token": answer.get("access_token"),
            }
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                {"iss": issuer, "aud": {"essential": True, "value": self.settings.client_id}},
                params,
            )
            claims.validate(leeway=LEEWAY_SECONDS)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise Untrusted(
                f"what {self.settings.name} sent does not prove who you are "
                f"({type(error).__name__}); begin again"
            ) from error
        return dict(decoded.claims)

    async def _decoded(self, token: str) -> jwt.Token:
        try:
            return jwt.decode(token, await self._key_set(KNOWN_SECONDS), algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            # Providers change their keys.
            return jwt.decode(token, await self._key_set(KEYS_AGAIN_SECONDS), algorithms=ALGORITHMS)

    async def _key_set(self, at_most: float) -> KeySet:
        async with self._lock:
            if self._keys is None or time.monotonic() - self._keys_at > at_most:
                found: Any = await self._json("GET", str(self._description["jwks_uri"]))
                self._keys, self._keys_at = KeySet.import_key_set(found), time.monotonic()
            return self._keys

    async def _userinfo(
        self, description: Mapping[str, Any], claims: Mapping[str, Any], access_token: str
    ) -> dict[str, Any]:
        """Some providers tell the e-mail here only; the subject must be the ID token's."""
        headers = {"Authorization": f"Bearer {access_token}"}
        told = await self._json("GET", str(description["userinfo_endpoint"]), headers)
        if told.get("sub") != claims.get("sub"):
            raise Untrusted(f"{self.settings.name} told of somebody else; begin again")
        return told

    async def _json(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> dict[str, Any]:
        name = self.settings.name
        try:
            answer = await self.egress.request(
                method,
                url,
                seconds=CALL_SECONDS,
                headers={"Accept": "application/json", **(headers or {})},
                body=body,
            )
        except FrontdeskError as error:
            raise Unavailable(f"{name} cannot be asked: {error.detail}") from error
        if 400 <= answer.status < 500 and method == "POST":
            raise Untrusted(f"{name} does not accept the answer that your browser brought")
        if answer.status != 200:
            raise Unavailable(f"{name} answered with HTTP {answer.status}")
        try:
            found = orjson.loads(answer.body)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise Unavailable(f"{name} answered with something that is no JSON object")
        return found


def local_path(path: str) -> str:
    """The path when it is one of this server's own, else the home page: never another site."""
    plain = path.isprintable() and "\\" not in path and len(path) <= LONGEST_PATH
    return path if plain and path.startswith("/") and not path.startswith("//") else "/"
