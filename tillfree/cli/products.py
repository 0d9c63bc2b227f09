"""`tillfree products`: what a store's products look like."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from protocol.store import Box, Product, Store
from protocol.store_file import read_store
from tillfree.cli.output import JsonOption, console_for, write_json
from tillfree.products.errors import EnrolmentError

if TYPE_CHECKING:
    from edge.perception.appearance import Appearance
    from hardware.ports import Image
    from tillfree.products.keeping import Taken
    from tillfree.products.photos import Shown

app = typer.Typer(help="Enrol products by photos, and see which look alike.", no_args_is_help=True)

StoreArgument = Annotated[Path, typer.Argument(metavar="STORE.yaml", help="The store file.")]


@app.command()
def enroll(
    store: StoreArgument,
    *,
    sku: Annotated[str, typer.Option(help="The product, known to the store file or not.")],
    photos: Annotated[
        list[str] | None, typer.Option(metavar="F", help="A picture, or VIDEO#N for its picture N; more may follow.")
    ] = None,
    more: Annotated[list[str] | None, typer.Argument(metavar="[F…]", help="More photos, behind --photos.")] = None,
    camera: Annotated[str | None, typer.Option(metavar="ID", help="Take the photo with this camera.")] = None,
    slot: Annotated[str | None, typer.Option(metavar="SLOT", help="Of this slot, as the camera sees it.")] = None,
    box: Annotated[str | None, typer.Option(metavar="x,y,w,h", help="Cut this out, in pixels.")] = None,
    seen: Annotated[
        str | None, typer.Option(metavar="FILE", help="The camera's picture or video instead of what it sees now.")
    ] = None,
    recording: Annotated[Path | None, typer.Option(metavar="DIR", help="The camera's pictures in a recording.")] = None,
    at: Annotated[float, typer.Option(min=0.0, metavar="S", help="When in the recording, seconds.")] = 0.0,
    name: Annotated[str | None, typer.Option(help="What the receipt says; needed for a new product.")] = None,
    price_minor: Annotated[int | None, typer.Option(min=0, help="Its price in cents.")] = None,
    weight_g: Annotated[float | None, typer.Option(min=0.001, help="What one weighs, grams.")] = None,
    anyway: Annotated[bool, typer.Option("--anyway", help="Enrol in spite of what the checks say.")] = False,
    json_file: JsonOption = None,
) -> None:
    """Add photos of a product to a store file, and the product itself where it is new."""
    from edge.perception.appearance import Appearance
    from edge.perception.needs import APPEARANCE
    from models.cache import onnx_path
    from tillfree.products.enrolling import complaints, looks_of
    from tillfree.products.keeping import keep
    from tillfree.products.merging import merged
    from tillfree.products.photos import Shown, box_of

    plan = read_store(store)
    product = merged(plan, store, sku, name=name, price_minor=price_minor, weight_g=weight_g)
    cut = None if box is None else box_of(box)
    shown = None if camera is None else Shown(camera, slot, cut, seen, recording, at)
    pictures = _pictures(plan, store.parent, [*(photos or ()), *(more or ())], shown, cut)
    eye = Appearance(onnx_path(APPEARANCE))
    against = complaints(
        sku,
        [(told, image) for told, image, _ in pictures],
        looks_of(plan.products, store.parent, eye),
        eye,
    )
    console = console_for(json_file)
    if against and not anyway:
        raise EnrolmentError("\n".join([*against, "nothing was enrolled; --anyway does it nevertheless"]))
    for complaint in against:
        console.print(f"[yellow]in spite of[/yellow] {escape(complaint)}", soft_wrap=True)
    kept = keep(store, product, [taken for _, _, taken in pictures])
    added = len(kept.photos) - len(product.photos)
    console.print(
        f"{kept.sku}: photos added: {added}, in all {len(kept.photos)}; {store} says it"
        if added
        else f"{kept.sku}: these photos were enrolled already",
        soft_wrap=True,
    )
    files = [photo.file for photo in kept.photos]
    write_json(json_file, {"sku": kept.sku, "added": added, "photos": files, "in_spite_of": against})


def _pictures(
    store: Store, folder: Path, files: list[str], shown: "Shown | None", box: Box | None
) -> "list[tuple[str, Image, Taken]]":
    """The photos, each with what messages call it."""
    from tillfree.products.photos import from_file

    if (shown is None) == (not files):
        raise EnrolmentError("say where the photos come from: --photos F…, or --camera ID --slot SLOT")
    if shown is None:
        return [(file, *from_file(file, box)) for file in files]
    return [(f"camera {shown.camera}", *shown.photo(store, folder))]


@app.command(name="list")
def list_(store: StoreArgument, *, json_file: JsonOption = None) -> None:
    """List a store's products: photos, weight, and the one that each looks most like."""
    from tillfree.products.enrolling import readable
    from tillfree.products.nearest import nearest

    plan = read_store(store)
    most_like = nearest(readable(plan, store.parent, _eye()))
    table = Table("SKU", "name", "photos", "weight", "looks most like")
    rows = []
    for product in plan.products:
        other = most_like.get(product.sku)
        table.add_row(*_row(product, other))
        rows.append(
            {
                "sku": product.sku,
                "name": product.name,
                "photos": len(product.photos),
                "weight_g": product.weight_g,
                "most_like": None if other is None else {"sku": other[0], "likeness": round(other[1], 4)},
            }
        )
    console_for(json_file).print(table)
    write_json(json_file, {"products": rows})


def _row(product: Product, other: tuple[str, float] | None) -> tuple[str, ...]:
    weight = "–" if product.weight_g is None else f"{product.weight_g:g} g"
    alike = "–" if other is None else f"{escape(other[0])} ({other[1]:.2f})"
    return escape(product.sku), escape(product.name), str(len(product.photos)), weight, alike


@app.command()
def check(store: StoreArgument, *, json_file: JsonOption = None) -> None:
    """Say which products look alike, and which lack photos or weight. Fails where any do."""
    from tillfree.products.enrolling import look_alikes, missing, readable

    plan = read_store(store)
    lacking = missing(plan, store.parent)
    pairs = look_alikes(readable(plan, store.parent, _eye()))
    console = console_for(json_file)
    for each in lacking:
        console.print(f"{escape(each.sku)}: {escape(each.what)}", soft_wrap=True)
    weights = {product.sku: product.weight_g for product in plan.products}
    for pair in pairs:
        confused = f", {pair.confused} of {pair.asked} photos confused" if pair.asked else ""
        grams = [weights[sku] for sku in pair.skus]
        told = f"; {grams[0]:g} g and {grams[1]:g} g" if all(grams) else ""
        console.print(
            f"{escape(pair.skus[0])} and {escape(pair.skus[1])} look alike ({pair.likeness:.2f}{confused}){told}",
            soft_wrap=True,
        )
    wrong = [each for each in lacking if each.matters]
    if not wrong and not pairs:
        console.print("every product has photos and is told from the others")
    write_json(
        json_file,
        {
            "missing": [{"sku": each.sku, "what": each.what, "matters": each.matters} for each in lacking],
            "alike": [
                {
                    "skus": list(pair.skus),
                    "likeness": round(pair.likeness, 4),
                    "confused": pair.confused,
                    "asked": pair.asked,
                }
                for pair in pairs
            ],
        },
    )
    if wrong or pairs:
        raise typer.Exit(1)


def _eye() -> "Appearance":
    from edge.perception.appearance import Appearance
    from edge.perception.needs import APPEARANCE
    from models.cache import onnx_path

    return Appearance(onnx_path(APPEARANCE))
