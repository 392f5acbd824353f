"""Three hundred shops that could exist, and a few for the pool: districts of six cities at their real coordinates, and names. Pure."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from shared_schema.records.customer import CustomerKind


class District(NamedTuple):
    """A district and the point around which its shops lie, in WGS-84 micro-degrees."""

    name: str
    latitude_e6: int
    longitude_e6: int
    street: str


DISTRICTS: Final[dict[str, tuple[District, ...]]] = {
    "上海": (
        District("黄浦区", 31_231_700, 121_484_700, "福州路"),
        District("徐汇区", 31_188_000, 121_437_000, "漕溪北路"),
        District("静安区", 31_228_600, 121_448_000, "南京西路"),
        District("浦东新区", 31_221_500, 121_544_700, "世纪大道"),
        District("杨浦区", 31_259_500, 121_526_000, "长阳路"),
    ),
    "苏州": (
        District("姑苏区", 31_336_400, 120_617_300, "干将西路"),
        District("工业园区", 31_325_000, 120_718_000, "现代大道"),
        District("吴中区", 31_264_000, 120_632_000, "宝带东路"),
        District("虎丘区", 31_295_000, 120_573_000, "狮山路"),
        District("相城区", 31_369_000, 120_642_000, "阳澄湖中路"),
    ),
    "杭州": (
        District("上城区", 30_242_500, 120_169_100, "中山中路"),
        District("西湖区", 30_259_400, 120_130_000, "文三路"),
        District("拱墅区", 30_319_000, 120_142_000, "莫干山路"),
        District("滨江区", 30_208_400, 120_211_900, "江南大道"),
        District("萧山区", 30_185_000, 120_264_000, "市心中路"),
    ),
    "南京": (
        District("玄武区", 32_048_700, 118_797_700, "珠江路"),
        District("鼓楼区", 32_066_300, 118_769_700, "中山北路"),
        District("秦淮区", 32_039_100, 118_794_400, "太平南路"),
        District("建邺区", 32_003_700, 118_731_700, "江东中路"),
        District("江宁区", 31_953_700, 118_839_900, "竹山路"),
    ),
    "深圳": (
        District("福田区", 22_522_000, 114_055_000, "深南大道"),
        District("罗湖区", 22_548_000, 114_131_000, "人民南路"),
        District("南山区", 22_533_000, 113_930_000, "南海大道"),
        District("宝安区", 22_555_000, 113_883_000, "新湖路"),
        District("龙岗区", 22_720_000, 114_247_000, "龙翔大道"),
    ),
    "成都": (
        District("锦江区", 30_657_000, 104_083_000, "红星路"),
        District("青羊区", 30_674_000, 104_062_000, "人民中路"),
        District("武侯区", 30_642_000, 104_043_000, "科华北路"),
        District("成华区", 30_660_000, 104_101_000, "建设路"),
        District("高新区", 30_590_000, 104_064_000, "天府大道"),
    ),
}
FIRST: Final = ("鑫", "瑞", "恒", "嘉", "永", "宏", "盛", "华", "德", "新")
SECOND: Final = ("源", "丰", "泰", "和", "信", "达", "隆", "兴", "诚", "裕")
TRADES: Final = (
    ("五金商行", "五金", CustomerKind.shop),
    ("文具店", "文具", CustomerKind.shop),
    ("便利店", "零售", CustomerKind.shop),
    ("建材经营部", "建材", CustomerKind.shop),
    ("机械厂", "机械", CustomerKind.plant),
    ("食品有限公司", "食品", CustomerKind.office),
)
ENGLISH: Final = ("Harbour Coffee", "Blue Door Books", "Pagoda Hardware", "Lakeside Bakery", "Red Lantern Deli", "Northgate Office Supply")
FAMILY_NAMES: Final = ("张", "吴", "徐", "黄", "马", "胡", "朱", "郭", "林", "高")
PER_CITY: Final = 50
POOLED: Final = {"苏州": 10, "上海": 6}
"""How many more shops of a city nobody looks after: around the customers of two reps of the east."""


class Shop(NamedTuple):
    """One customer to be."""

    name: str
    address: str
    city: str
    latitude_e6: int
    longitude_e6: int
    kind: CustomerKind
    industry: str
    phone: str
    buyer: str


def shops(city: str) -> Iterator[Shop]:
    """The shops of one city that have an owner, always the same."""
    yield from (_shop(city, at) for at in range(PER_CITY))


def pooled() -> Iterator[Shop]:
    """The shops of the pool, always the same."""
    for city, count in POOLED.items():
        yield from (_shop(city, at) for at in range(PER_CITY, PER_CITY + count))


def _shop(city: str, at: int) -> Shop:
    order = list(DISTRICTS).index(city)
    district = DISTRICTS[city][at % len(DISTRICTS[city])]
    word, industry, kind = TRADES[(at + order) % len(TRADES)]
    number = order * PER_CITY + at
    name = f"{city}{FIRST[at % 10]}{SECOND[(at // 10 + at + order) % 10]}{word}"
    if at % 9 == 4:  # some of the trade writes its name in English
        name, industry, kind = f"{ENGLISH[(at // 9 + order) % len(ENGLISH)]} ({city}{district.name[:2]})", "零售", CustomerKind.shop
    return Shop(
        name, f"{district.street}{12 + at * 7}号", city,
        district.latitude_e6 + (number * 3_571) % 16_000 - 8_000, district.longitude_e6 + (number * 5_519) % 16_000 - 8_000,
        kind, industry, f"0{21 + order}-{60_000_000 + number * 10_007}", FAMILY_NAMES[number % 10] + ("经理" if at % 3 else "老板"),
    )  # fmt: skip
