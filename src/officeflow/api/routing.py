"""What every route of ours does beside its own work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Mapping
from typing import Any, get_args, get_origin

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import ResponseValidationError
from fastapi.routing import APIRoute

from officeflow.api import idempotency
from officeflow.api.context import context_of
from officeflow.api.needs import Permitted
from officeflow.api.signing_in import principal_of
from officeflow.errors import InvalidEvent, InvalidInput, NotKnown, Problem, did_you_mean
from officeflow.errors.requests import MalformedRequest, UnsupportedContent
from officeflow.events import json_text
from officeflow.rights.permissions import Permission

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
JSON = "application/json"
ORGANIZATION = {
    "name": "org",
    "in": "path",
    "required": True,
    "description": "The organization's slug or UUID.",
    "schema": {"type": "string"},
}
"""A parameter of every path that has it: `Needs` reads it, so FastAPI does not know."""


class Route(APIRoute):
    """Reads JSON strictly, refuses parameters that it does not know, does no POST twice, and says what is
    left of the caller's limit.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **given: Any) -> None:
        super().__init__(path, endpoint, **given)
        needed = list(permissions_of(self.dependant))
        if needed:
            told = dict(self.openapi_extra or {})
            if ORGANIZATION["name"] in self.param_convertors:
                others = [each for each in told.get("parameters", ()) if each != ORGANIZATION]
                told["parameters"] = [ORGANIZATION, *others]
            self.openapi_extra = {
                **told,
                "security": [{"bearer": []}, {"cookie": []}],
                "x-permission": needed[0],
            }

    def get_route_handler(self) -> Handler:
        is_plain = _is_plain(self)
        if is_plain:
            self.dependant.call = _encoding(self)
        handle = super().get_route_handler()
        known = dict(_query_names(self.dependant))
        takes_json = self.body_field is not None
        reads = is_plain and self.methods == {"GET"}
        needs_caller = any(True for _ in conditions_of(self.dependant))

        async def checked(request: Request) -> Response:
            _refuse_hidden_slash(request)
            if needs_caller:
                await principal_of(request)  # a stranger's body is not read
            _refuse_parameters(request, known)
            if takes_json:
                await _read_json(request)
            if reads:
                response = await context_of(request).places.in_turn(handle(request))
            else:
                response = await idempotency.once(request, handle)
            allowance = getattr(request.state, "allowance", None)
            if allowance is not None:
                response.headers.update(allowance.headers)
            response.headers.setdefault("Cache-Control", "no-store")
            return response

        return checked


def _is_plain(route: APIRoute) -> bool:
    """Whether its function works in a thread, and only its answer says what is answered."""
    of = route.dependant
    works_in_thread = not (of.is_coroutine_callable or of.is_gen_callable or of.is_async_gen_callable)
    says_all = route.response_model is not None and route.status_code is None
    return works_in_thread and says_all and of.response_param_name is None


def _encoding(route: APIRoute) -> Callable[..., Any]:
    """The route's function, its answer checked and encoded in the same thread: FastAPI would take a second
    thread to check it, and encode it in the one that all requests share.
    """
    call, field = route.endpoint, route.response_field

    def encoded(**values: Any) -> Any:
        answer = call(**values)
        if isinstance(answer, Response):
            return answer
        value, errors = field.validate(answer, {}, loc=("response",))
        if errors:
            raise ResponseValidationError(errors=errors, body=answer)
        return Response(field.serialize_json(value, by_alias=True), media_type=JSON)

    return encoded


def permissions_of(dependant: Dependant) -> Iterator[Permission | None]:
    """What a route needs of whoever asks; None: to have signed in. Nothing for a route that is open."""
    return (each.permission for each in conditions_of(dependant))


def conditions_of(dependant: Dependant) -> Iterator[Permitted]:
    """The same as the dependencies that say it."""
    for each in dependant.dependencies:
        if isinstance(each.call, Permitted):
            yield each.call
        yield from conditions_of(each)


def _query_names(dependant: Dependant) -> Iterator[tuple[str, bool]]:
    """Those of the route and of what it depends on, and whether it takes several of the name; a model's
    fields each by their own name.
    """
    for each in dependant.query_params:
        fields = getattr(each.field_info.annotation, "model_fields", None)
        if fields:
            yield from ((field.alias or name, _is_list(field.annotation)) for name, field in fields.items())
        else:
            yield each.alias, _is_list(each.field_info.annotation)
    for needed in dependant.dependencies:
        yield from _query_names(needed)


def _is_list(annotation: Any) -> bool:
    return get_origin(annotation) is list or any(_is_list(each) for each in get_args(annotation))


def _refuse_parameters(request: Request, known: Mapping[str, bool]) -> None:
    """`InvalidInput` with all that is wrong with them before their values are read."""
    problems = [*_unknown(request, known), *_repeated(request, known), *_with_nul(request)]
    if problems:
        raise InvalidInput("the request is not valid", problems=problems)


def _unknown(request: Request, known: Mapping[str, bool]) -> Iterator[Problem]:
    """A filter that is ignored would make of an answer what it is not."""
    for name in request.query_params:
        if name not in known:
            hint = did_you_mean(name, sorted(known))
            yield Problem(f"query.{name[:60]}", "there is no such parameter", hint)


def _repeated(request: Request, known: Mapping[str, bool]) -> Iterator[Problem]:
    """One of them would count, and who asks may have meant the other."""
    times = Counter(name for name, _ in request.query_params.multi_items())
    for name, number in times.items():
        if number > 1 and not known.get(name, True):
            yield Problem(f"query.{name}", f"it is given {'twice' if number == 2 else f'{number} times'}")


def _with_nul(request: Request) -> Iterator[Problem]:
    """The character that no text in the database can have."""
    given = [(f"path.{name}", value) for name, value in request.path_params.items()]
    given += [(f"query.{name[:60]}", value) for name, value in request.query_params.multi_items()]
    return (Problem(path, "it has the character NUL in it") for path, value in given if "\0" in str(value))


def _refuse_hidden_slash(request: Request) -> None:
    """Servers decode it before they look for a route: a proxy in front sees another path than we do."""
    if b"%2f" in (request.scope.get("raw_path") or b"").lower():
        raise NotKnown("there is nothing at a path with an encoded slash")


async def _read_json(request: Request) -> None:
    """Parsed before FastAPI does: each name once, not too deep, nothing that cannot be stored."""
    body = await request.body()
    request.state.has_body = bool(body)
    if not body:
        return
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != JSON and not (kind.startswith("application/") and kind.endswith("+json")):
        raise UnsupportedContent(f"{kind or 'content of no kind'} is not taken here", hint=f"send {JSON}")
    request._json = _parsed(body)  # noqa: SLF001 - Starlette's own place for it


def _parsed(body: bytes) -> Any:
    try:
        return json_text.parse(body)
    except InvalidEvent as error:
        problem = Problem("body", error.message)
        raise MalformedRequest("the body cannot be read", problems=[problem]) from error
