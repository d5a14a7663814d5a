"""Who makes a request: bearer tokens to callers, as a FastAPI dependency."""

from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from frontdesk.domains.model import Caller
from frontdesk.domains.service import DomainService
from frontdesk.kernel.errors import Unauthorized

bearer = HTTPBearer(auto_error=False, description="An API token: `frontdesk tokens add`.")


async def caller(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)],
) -> Caller:
    if credentials is None:
        raise Unauthorized("send an API token as 'Authorization: Bearer …'")
    service: DomainService = request.app.state.domains
    return await service.authenticate(credentials.credentials)


CallerDep = Annotated[Caller, Depends(caller)]
