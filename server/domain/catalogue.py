"""The admin's lists for every device: definitions of custom fields that never change their type, and the lists at the desk."""

from typing import Final

from server.domain.feature import ADMINS, Feature, Listing
from shared_schema.problem import Code, Problem
from shared_schema.records.reference import Department, FieldDefinition, FieldKind, Price, PriceBook, Product
from shared_schema.registry import BY_NUMBER

FIXED = ("entity", "key", "kind")


def define(definition: FieldDefinition, before: FieldDefinition | None, same_key: FieldDefinition | None) -> None:
    """Judge a custom field: `before` = the definition it changes, `same_key` = the one that holds its key on its entity.

    Raises Problem(rule_broken | fixed_field).
    """
    entity = BY_NUMBER.get(definition.entity)
    if entity is None or not entity.has_extra:
        raise Problem(Code.rule_broken, "this entity has no custom fields", field="entity")
    if definition.kind is FieldKind.unknown:
        raise Problem(Code.rule_broken, "a custom field needs a kind", field="kind")
    if (definition.kind is FieldKind.choice) != bool(definition.choices):
        raise Problem(Code.rule_broken, "a field of kind choice has choices, a field of another kind has none", field="choices")
    if len(set(definition.choices)) != len(definition.choices):
        raise Problem(Code.rule_broken, "each choice stands once in the list", field="choices")
    if same_key is not None and same_key.id != definition.id:
        raise Problem(Code.rule_broken, "this entity already has a field of that key", field="key")
    _keeps_type(definition, before)


def _keeps_type(definition: FieldDefinition, before: FieldDefinition | None) -> None:
    for slot in FIXED if before is not None else ():
        if getattr(definition, slot) != getattr(before, slot):
            raise Problem(Code.fixed_field, "values of the old type are in use; define another key", field=slot)


FEATURE: Final = Feature(
    lists=(
        Listing(Department, "List the departments.", ADMINS),
        Listing(Product, "List the products.", ADMINS),
        Listing(PriceBook, "List the price books.", ADMINS),
        Listing(Price, "List the prices, or those of one price book.", ADMINS, ("price_book_id",)),
        Listing(FieldDefinition, "List the custom fields.", ADMINS),
    )
)
