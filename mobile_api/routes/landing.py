"""The page at `/`: what Outrider is, in one sentence, and the way into both apps.

One answer without a script: its style stands inside and is allowed by its digest alone. A reader who has not chosen a
language by `?language=` gets the one that the browser asks for.
"""

from base64 import b64encode
from hashlib import sha256
from html import escape
from pathlib import Path
from string import Template
from typing import Any, Final

from litestar import Request, Response, get
from litestar.di import NamedDependency

from mobile_api.codec import qualities
from mobile_api.openapi import contract
from mobile_api.routes.apps import FOLDER, UNBUILT
from server.settings import Settings
from shared_schema.problem import Code, Problem

_WORDS: Final = {
    "zh": {
        "lang": "zh-CN",
        "other_code": "en",
        "other_lang": "en",
        "other_name": "English",
        "headline": "路上录入的，一条也不会丢",
        "lead": "外勤销售整天在没有网络的手机上工作；一旦有网络，所有内容在这里汇合：录入的内容不会丢失，"
        "也没有人会在没看到的情况下覆盖别人的修改。",
        "apps": "打开应用",
        "rep": "业务员应用",
        "rep_lead": "客户、拜访、报价，离线可用",
        "desk": "经理工作台",
        "desk_lead": "审批报价，查看团队的一天",
        "demo": "这是演示服务器。",
        "demo_lead": "公司、客户和人物都是虚构的。请用启动它的终端里给出的链接或账号登录。",
        "developers": "开发者：",
        "openapi": "HTTP 接口的 OpenAPI 文档",
    },
    "en": {
        "lang": "en",
        "other_code": "zh",
        "other_lang": "zh-CN",
        "other_name": "中文",
        "headline": "Nothing entered on the road gets lost",
        "lead": "Sales reps work all day on phones without a network. When it is back, everything meets here: no entry is lost, and nobody "
        "overwrites a value without having seen it.",
        "apps": "Open an app",
        "rep": "For the rep",
        "rep_lead": "Customers, visits and quotes, all day without a network",
        "desk": "For the manager",
        "desk_lead": "Decide on quotes, see the team's day",
        "demo": "This is a demo server.",
        "demo_lead": "Its company, customers and people are invented. Sign in with a link or an account from the terminal that started it.",
        "developers": "For developers:",
        "openapi": "OpenAPI of the HTTP routes",
    },
}
_BUILT: Final = FOLDER / "landing" / "page.html"


def read_page(path: Path) -> tuple[Template, str]:
    """The built page and the policy that lets its style in; an empty page where it is not built."""
    text = path.read_text("utf-8") if path.exists() else ""
    style = text.partition("<style>")[2].partition("</style>")[0]
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    return Template(text), policy


_PAGE, _POLICY = read_page(_BUILT)


@get("/", opt=contract(signed=False, media="text/html", query=("language",)))
async def landing(request: Request[Any, Any, Any], settings: NamedDependency[Settings]) -> Response[bytes]:
    """The page that leads to both apps."""
    if not _PAGE.template:
        raise Problem(Code.not_found, UNBUILT)
    chosen = request.query_params.get("language", "")
    language = chosen if chosen in _WORDS else _wanted(request.headers.get("accept-language", ""), settings.language)
    headers = {"Content-Security-Policy": _POLICY, "Content-Language": language, "Vary": "Accept-Language", "Cache-Control": "no-cache"}
    return Response(_told(language, demo=settings.demo), media_type="text/html", headers=headers)


def _told(language: str, *, demo: bool) -> bytes:
    words = {name: escape(word) for name, word in _WORDS[language].items()}
    words["demo"] = f'<p class="demo" role="note"><b>{words["demo"]}</b> {words["demo_lead"]}</p>' if demo else ""
    return _PAGE.substitute(words).encode()


def _wanted(accepted: str, usual: str) -> str:
    """The language of ours that the browser likes best; `usual` if it names none."""
    wanted: dict[str, float] = {}
    for name, quality in qualities(accepted.lower()).items():
        language = name.partition("-")[0]
        if language in _WORDS and quality > wanted.get(language, 0):
            wanted[language] = quality
    return max(wanted, key=lambda language: wanted[language], default=usual)


HANDLERS: Final = (landing,)
