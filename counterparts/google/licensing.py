"""The Enterprise License Manager API. Users are named by their present primary address.

https://developers.google.com/workspace/admin/licensing/v1/how-tos/using
"""

from __future__ import annotations

from typing import Any

from counterparts.google import addresses, holdings, ids, people
from counterparts.google.customer import require
from counterparts.google.failures import invalid, not_found, refused, unmet
from counterparts.google.pages import page
from counterparts.vendors.routes import Request, Response, answer
from counterparts.vendors.store import Document, Store

Json = dict[str, Any]
KIND = holdings.LICENSES
PRODUCTS: dict[str, dict[str, str]] = {
    "Google-Apps": {
        "1010020020": "Google Workspace Enterprise Plus",
        "1010020025": "Google Workspace Business Plus",
        "1010020027": "Google Workspace Business Starter",
        "1010020028": "Google Workspace Business Standard",
    },
    "Google-Vault": {"Google-Vault": "Google Vault"},
    "101031": {"1010310008": "Google Workspace for Education Plus"},
    "101001": {"1010010001": "Cloud Identity"},
    "101005": {"1010050001": "Cloud Identity Premium"},
}
"""SKUs and their names by product. https://developers.google.com/workspace/admin/licensing/v1/how-tos/products"""


def insert(request: Request, store: Store, product_id: str, sku_id: str) -> Response:
    _demand(product_id, sku_id)
    user = _user(store, request.json["userId"])
    held = _of_product(store, product_id, user["id"])
    if any(each["skuId"] == sku_id for each in held):
        raise unmet("User already has a license for the specified product and SKU")
    if held:
        raise unmet(
            "User already has a license of the product, but with a different SKU. To reassign a new SKU for"
            ' this product, use the "update" operation.'
        )
    return answer(_view(request, store, _assigned(store, product_id, sku_id, user)))


def get(
    request: Request,
    store: Store,
    product_id: str,
    sku_id: str,
    user_id: str,
) -> Response:
    return answer(_view(request, store, _the(store, product_id, sku_id, user_id)))


def reassign(
    request: Request,
    store: Store,
    product_id: str,
    sku_id: str,
    user_id: str,
) -> Response:
    """`update` and `patch`: another SKU of the same product."""
    old = _the(store, product_id, sku_id, user_id)
    product, sku = request.json.get("productId", product_id), request.json.get("skuId", sku_id)
    if product != product_id:
        raise unmet(f"Reassign operation can't be performed on different products: {product_id}, {product}")
    _demand(product, sku)
    if sku == sku_id:
        raise unmet(f"For reassign operations, the new SKU should be different from the old SKU: {sku}")
    user = _user(store, user_id)
    if request.json.get("userId", user_id).lower() != user_id.lower():
        raise unmet("Reassign operation can't be performed on different users")
    new = _assigned(store, product, sku, user)
    store.remove(KIND, f"{old['skuId']}/{user['id']}")
    return answer(_view(request, store, new))


def delete(
    request: Request,
    store: Store,
    product_id: str,
    sku_id: str,
    user_id: str,
) -> Response:
    del request
    license_ = _the(store, product_id, sku_id, user_id)
    store.remove(KIND, f"{sku_id}/{license_['userId']}")
    return answer({})


def list_(request: Request, store: Store, product_id: str, sku_id: str | None = None) -> Response:
    """`listForProduct` and `listForProductAndSku`."""
    _demand(product_id, sku_id)
    require(store, _customer(request, store))
    found = [
        each
        for each in store.all(KIND)
        if each["productId"] == product_id and sku_id in {None, each["skuId"]}
    ]
    chunk, further = page(request, found, usual=100, most=1000)
    items = {"items": [_view(request, store, each) for each in chunk]} if chunk else {}
    return answer({"kind": "licensing#licenseAssignmentList", "etag": ids.etag(items), **items, **further})


def set_seats(body: Any, store: Store) -> Any:
    """The control `seats`: {SKU: how many are paid for}; `archivedUsers` is one too."""
    for sku, seats in body.items():
        store.put(holdings.SEATS, sku, {"skuId": sku, "seats": int(seats)})
    return body


def _customer(request: Request, store: Store) -> str:
    """The parameter is the customer's id, or one of its domains."""
    key = request.query["customerId"]
    return "my_customer" if store.get("domains", key.lower()) else key


def _demand(product: str, sku: str | None) -> None:
    if product not in PRODUCTS or sku not in {None, *PRODUCTS[product]}:
        raise refused(400, "invalid", "SKU or product does not exist.")


def _user(store: Store, address: str) -> Document:
    found = addresses.find(store, people.KIND, address)
    if "@" not in address or found is None or found["primaryEmail"] != address.lower():
        raise invalid("userId")
    return found


def _of_product(store: Store, product: str, identity: str) -> list[Document]:
    return [each for each in store.all(KIND) if each["userId"] == identity and each["productId"] == product]


def _the(store: Store, product: str, sku: str, address: str) -> Document:
    _demand(product, sku)
    found = store.get(KIND, f"{sku}/{_user(store, address)['id']}")
    if found is None:
        raise not_found("userId")
    return found


def _assigned(store: Store, product: str, sku: str, user: Document) -> Document:
    taken = sum(each["skuId"] == sku for each in store.all(KIND))
    if taken >= holdings.seats(store, sku):
        raise unmet("There aren't enough available licenses for the specified product-SKU pair")
    document = {"productId": product, "skuId": sku, "userId": user["id"]}
    return store.put(KIND, f"{sku}/{user['id']}", document)


def _view(request: Request, store: Store, license_: Document) -> Json:
    product, sku = license_["productId"], license_["skuId"]
    user = store.get(people.KIND, license_["userId"])
    address = license_["userId"] if user is None else user["primaryEmail"]
    shown = {
        "kind": "licensing#licenseAssignment",
        "selfLink": f"{request.base}/apps/licensing/v1/product/{product}/sku/{sku}/user/{address}",
        "userId": address,
        "productId": product,
        "productName": product.replace("-", " "),
        "skuId": sku,
        "skuName": PRODUCTS[product][sku],
    }
    return {**shown, "etags": ids.etag(shown)}
