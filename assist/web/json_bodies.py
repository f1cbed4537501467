"""JSON bodies, read strictly: the declared types and nothing that merely looks like them, in UTF-8."""

import re
from typing import Any

import msgspec
from litestar import Request
from litestar.exceptions import ValidationException

from assist.errors import RequestError

_PLACE = re.compile(r" - at `\$\.?(?P<place>.*)`$")
_MISSING = re.compile(r"missing required field `(?P<name>[^`]*)`")


class JsonRequest(Request[Any, Any, Any]):
    """A request whose body is what its route declares, or refused."""

    async def json(self) -> Any:
        """The body as the declared type.

        Raises:
            RequestError: 415, another content type; 400, not JSON.
            ValidationException: a field is missing, of a wrong type or out of its range.
        """
        content_type = self.headers.get("Content-Type", "application/json").partition(";")[0].strip().lower()
        if content_type != "application/json":
            raise RequestError("unsupported_media_type", 415, "Send the body as application/json.")
        declared = self.route_handler.parsed_data_field
        try:
            return msgspec.json.decode(await self.body(), type=declared.annotation if declared else Any)
        except msgspec.ValidationError as error:
            raise ValidationException(extra=[_field_problem(str(error))]) from None
        except (msgspec.DecodeError, UnicodeError):
            detail = "The request could not be read. Check that the body is valid JSON in UTF-8."
            raise RequestError("malformed_request", 400, detail) from None
        except RecursionError:
            raise RequestError("malformed_request", 400, "The JSON is nested too deeply.") from None


def _field_problem(message: str) -> dict[str, str]:
    """The decoder's message, taken apart into field and what is wrong with it."""
    match = _PLACE.search(message)
    place = match["place"] if match else ""
    missing = _MISSING.search(message)
    if missing is not None:
        place = f"{place}.{missing['name']}" if place else missing["name"]
    return {"key": place, "message": _PLACE.sub("", message)}
