"""The errors that cross layers, drawn in one place.

    FrontdeskError            a refusal that a caller is told about
    ├── Invalid               400/422  what was sent is wrong
    │   └── Unprocessable     422      well formed, but not allowed
    ├── Unauthorized          401      no or bad token
    ├── PaymentRequired       402      no credit
    ├── Forbidden             403      known, but not allowed
    ├── NotFound              404      not there, or another domain's
    ├── Conflict              409      against the present state
    ├── TooLarge              413
    ├── UnsupportedMedia      415
    ├── TooMany               429      with `retry_after` seconds
    └── Unavailable           503      try again later, with `retry_after` seconds

`frontdesk.web.errors` turns them into HTTP; `frontdesk.cli` into exit codes.
"""


class FrontdeskError(Exception):
    """`detail` says what is wrong, with the offending value and what is allowed."""

    status = 500

    def __init__(self, detail: str, *, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retry_after = retry_after


class Invalid(FrontdeskError):
    status = 400


class Unprocessable(Invalid):
    status = 422


class Unauthorized(FrontdeskError):
    status = 401


class PaymentRequired(FrontdeskError):
    status = 402


class Forbidden(FrontdeskError):
    status = 403


class NotFound(FrontdeskError):
    status = 404


class Conflict(FrontdeskError):
    status = 409


class TooLarge(FrontdeskError):
    status = 413


class UnsupportedMedia(FrontdeskError):
    status = 415


class TooMany(FrontdeskError):
    status = 429


class Unavailable(FrontdeskError):
    status = 503
