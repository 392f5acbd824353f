"""The people of the demo organisation: accounts, names in both scripts, departments, and the part that each plays."""

from typing import Final, NamedTuple

from shared_schema.records.reference import Role

ORGANISATION: Final = "demo"
ORGANISATION_NAME: Final = "云程商贸 Yuncheng Trading"
ADMIN: Final = "admin"
TIME_ZONE: Final = "Asia/Shanghai"


class Colleague(NamedTuple):
    """One user of the demo organisation."""

    login: str
    chinese: str
    latin: str
    role: Role
    department: str
    city: str = ""

    def called(self, language: str) -> str:
        """The name as the reader's language writes it."""
        return self.chinese if language == "zh" else self.latin


EAST: Final = "华东部 East"
CITIES: Final = "重点城市部 Key cities"
DEPARTMENTS: Final = (EAST, CITIES)
POOL: Final = "华东公海 East pool"
"""Of the eastern department: its reps see what is in it, and claim."""
CITY_POOL: Final = "重点城市公海 Key cities pool"
"""Of the other department: two of its reps race for what its manager puts in."""
COLLEAGUES: Final = (
    Colleague("zhou.min", "周敏", "Zhou Min", Role.manager, EAST),
    Colleague("he.jun", "何俊", "He Jun", Role.manager, CITIES),
    Colleague("wang.fang", "王芳", "Wang Fang", Role.rep, EAST, "上海"),
    Colleague("li.qiang", "李强", "Li Qiang", Role.rep, EAST, "苏州"),
    Colleague("chen.jing", "陈静", "Chen Jing", Role.rep, EAST, "杭州"),
    Colleague("zhao.lei", "赵磊", "Zhao Lei", Role.rep, CITIES, "南京"),
    Colleague("liu.yang", "刘洋", "Liu Yang", Role.rep, CITIES, "深圳"),
    Colleague("sun.yue", "孙悦", "Sun Yue", Role.rep, CITIES, "成都"),
)
BY_LOGIN: Final = {one.login: one for one in COLLEAGUES}
REPS: Final = tuple(one for one in COLLEAGUES if one.role is Role.rep)
MANAGER: Final = BY_LOGIN["zhou.min"]
"""Leads the east, works with a phone too, and decides at the desk."""
FALLING: Final = (REPS[2].login, REPS[0].login)
"""The reps one of whose customers falls if nobody is in touch with it."""
TRIED: Final = REPS[1].login
"""The users whose phone the reader may be: a card waits in that inbox."""
