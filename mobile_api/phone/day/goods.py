"""The goods of the demo organisation: twenty products with list price and floor, and three custom fields. Pure."""

from typing import Final, NamedTuple

from shared_schema.records.reference import FieldKind


class Good(NamedTuple):
    """One product; money in fen."""

    code: str
    name: str
    unit: str
    price_minor: int
    tax_bps: int = 1_300


GOODS: Final = (
    Good("LK-101", "抽屉锁 Drawer lock", "把", 1_880),
    Good("LK-102", "指纹锁 Fingerprint lock", "把", 68_900),
    Good("HG-201", "阻尼铰链 Soft-close hinge", "个", 1_250),
    Good("HG-202", "门合页 Door hinge", "副", 2_400),
    Good("SC-301", "自攻螺丝 Self-tapping screws", "盒", 990),
    Good("SC-302", "膨胀螺栓 Expansion bolts", "盒", 1_650),
    Good("TP-401", "电工胶带 Insulating tape", "卷", 320),
    Good("TP-402", "封箱胶带 Packing tape", "卷", 450),
    Good("LT-501", "LED 灯管 LED tube", "支", 1_590),
    Good("LT-502", "应急灯 Emergency light", "台", 8_900),
    Good("PN-601", "中性笔 Gel pens", "盒", 1_800),
    Good("PN-602", "记号笔 Markers", "盒", 2_600),
    Good("PA-701", "A4 复印纸 A4 paper", "箱", 12_800),
    Good("PA-702", "收银纸 Till rolls", "箱", 9_600),
    Good("TL-801", "冲击钻 Impact drill", "台", 32_900),
    Good("TL-802", "激光测距仪 Laser measure", "台", 19_900),
    Good("SF-901", "安全帽 Safety helmet", "顶", 2_900),
    Good("SF-902", "防护手套 Work gloves", "双", 680),
    Good("CB-951", "网线 Network cable", "箱", 41_000),
    Good("CB-952", "电源排插 Power strip", "个", 4_900),
)


class CustomField(NamedTuple):
    """One custom field of a customer or a visit."""

    entity: str
    key: str
    kind: FieldKind
    chinese: str
    english: str
    choices: tuple[str, ...] = ()


CUSTOM_FIELDS: Final = (
    CustomField("customer", "shelf_metres", FieldKind.number, "货架长度（米）", "Shelf length (m)"),
    CustomField("customer", "payment_habit", FieldKind.choice, "付款习惯", "Payment habit", ("现金", "月结", "转账")),
    CustomField("visit", "competitor", FieldKind.text, "竞品情况", "Competitor seen"),
)
