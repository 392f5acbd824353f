"""Every reason why a file, a row or a cell is not taken, English and Chinese side by side: the fault, and the way to mend it."""

from collections.abc import Mapping
from typing import Final

from server.domain.imports.sheet import Flaw

SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    # the file
    "file_large": ("the file is larger than {limit} MiB; split it", "文件超过 {limit} MiB，请拆分"),
    "rows_many": ("the file has more than {limit} rows; split it", "文件超过 {limit} 行，请拆分"),
    "columns_many": ("line {line} has more than {limit} cells", "第 {line} 行超过 {limit} 个单元格"),
    "empty": ("the file has no header", "文件没有表头"),
    "nul": ("line {line} holds a NUL byte: this is no text file", "第 {line} 行含 NUL 字节，这不是文本文件"),
    "utf_16": ("the file is UTF-16; save it as “CSV UTF-8”", "文件是 UTF-16 编码，请另存为“CSV UTF-8”"),
    "encoding": (
        "line {line} is neither UTF-8 nor GB18030; save the file as “CSV UTF-8”",
        "第 {line} 行既不是 UTF-8 也不是 GB18030，请另存为“CSV UTF-8”",
    ),
    "encodings_mixed": (
        "line {line} is not UTF-8, as line {other} is: the file mixes two encodings; save it as “CSV UTF-8”",
        "第 {line} 行不是 UTF-8，而第 {other} 行是：文件由两种编码拼成，请另存为“CSV UTF-8”",
    ),
    "quotes": (
        "the quotes of the row that begins in line {line}do not match: the cells after them cannot be read",
        "从第 {line} 行开始的一行引号不配对，其后的内容无法辨认",
    ),
    "zip_parts": ("the workbook has more than {limit} parts, or two of one name", "工作簿的部件超过 {limit} 个，或有重名"),
    "zip_locked": ("the workbook is locked by a password; save it without", "工作簿有密码，请去除密码后另存"),
    "zip_bomb": ("the workbook unpacks to far more than a list needs", "工作簿解压后远大于一份名单所需"),
    "workbook_broken": (
        "this is no workbook that can be read; save it again as .xlsx or .csv",
        "无法读取此工作簿，请重新另存为 .xlsx 或 .csv",
    ),
    "epoch_1904": ("the workbook counts days from 1904; switch that off in its options", "工作簿使用 1904 日期系统，请在选项中关闭"),
    "xls": ("this is an old .xls workbook; save it as .xlsx", "这是旧的 .xls 工作簿，请另存为 .xlsx"),
    "column_missing": ("the column “{column}” is missing", "缺少“{column}”列"),
    "column_twice": ("the column “{column}” stands there twice", "“{column}”列出现了两次"),
    # a row
    "not_json": ("this line is no JSON object", "此行不是 JSON 对象"),
    "cells_more": ("the row has more cells than the header", "此行的单元格比表头多"),
    "key_twice": ("the same as line {line}: only the first counts", "与第 {line} 行相同，只取第一行"),
    "not_yours": ("this customer is not one of your department", "此客户不属于你的部门"),
    "deleted": ("this was deleted in Outrider, and stays deleted", "此记录已在 Outrider 中删除，不再恢复"),
    # a cell
    "required": ("this cell must not be empty", "此处不能为空"),
    "formula": ("a formula is not evaluated: paste its value", "不计算公式，请粘贴为数值"),
    "cell_error": ("the cell shows {text}", "单元格显示 {text}"),
    "cell_long": ("longer than {limit} letters", "超过 {limit} 个字符"),
    "digits_lost": (
        "Excel keeps {limit} digits of a number: format the column as text and enter it anew",
        "Excel 只保留数字的 {limit} 位，请将此列设为文本后重新录入",
    ),
    "not_plain": ("neither text nor number", "既不是文本也不是数字"),
    "text_control": ("holds the control character {letter}", "含控制字符 {letter}"),
    "text_lines": ("must be on one line", "不能换行"),
    "text_long": ("{letters} letters, at most {limit} fit", "有 {letters} 个字符，最多 {limit} 个"),
    "text_short": ("at least {limit} letters", "至少 {limit} 个字符"),
    "text_empty": ("this cell must not be empty", "此处不能为空"),
    "text_form": ("only lower case letters, digits and . _ @ + -", "只能用小写字母、数字和 . _ @ + -"),
    "not_number": ("“{text}” is no number such as 1234.50", "“{text}”不是 1234.50 这样的数字"),
    "number_range": ("between {least} and {most}", "应在 {least} 与 {most} 之间"),
    "decimals_many": ("at most {limit} decimals", "最多 {limit} 位小数"),
    "not_choice": ("“{text}” is none of: {choices}", "“{text}”不在以下选项中：{choices}"),
    "not_day": ("“{text}” is no day such as 2026-01-05", "“{text}”不是 2026-01-05 这样的日期"),
    "day_ambiguous": (
        "in “{text}” day and month cannot be told apart: write the year first, 2026-01-05",
        "“{text}”的月和日无法分辨，请先写年份：2026-01-05",
    ),
    "not_birthday": (
        "“{text}” is no birthday such as 1985-03-12, 03-12, lunar 08-15 or lunar leap 06-01",
        "“{text}”不是 1985-03-12、3月12日、农历8月15日、农历闰6月1日 这样的生日",
    ),
    "not_currency": ("“{text}” is no code of a currency such as CNY", "“{text}”不是 CNY 这样的币种代码"),
    "not_language": ("“{text}” is no language such as zh or en", "“{text}”不是 zh、en 这样的语言"),
    # a cell that names another record
    "no_customer": ("no customer was imported as “{text}”", "没有以“{text}”导入的客户"),
    "no_owner": ("“{text}” is the account of no active rep or manager", "“{text}”不是在职业务员或经理的账号"),
    "no_pool": ("there is no pool “{text}” in use", "没有使用中的公海“{text}”"),
    "owner_and_pool": ("a new customer has an owner or a pool, and not both", "新客户有负责人或公海，不能两者都有"),
    "no_rule": (
        "no owner and no pool is named, and no assignment rule fits this customer",
        "未填负责人或公海，也没有适用于该客户的分配规则",
    ),
    "no_department": ("there is no department “{text}”", "没有部门“{text}”"),
    "names_many": ("several are called “{text}”", "有多个“{text}”"),
    "department_circle": ("the department would stand below itself", "部门不能在自己之下"),
    "no_product": ("there is no product with the code “{text}”", "没有代码为“{text}”的产品"),
    "other_customer": ("this contact belongs to another customer", "此联系人属于另一客户"),
    "book_other": (
        "the price book “{text}” exists and differs; name a new book",
        "价目表“{text}”已存在且与此不同，请另起新名称",
    ),
    "currency_unknown": ("“{text}” is no currency in use, such as CNY, USD or EUR", "“{text}”不是现行币种，如 CNY、USD、EUR"),
    "quantity_negative": (
        "“{text}” is no quantity above 0: what came back says so in the column for returns",
        "“{text}”不是大于 0 的数量：退货请在“退货”列注明",
    ),
    "floor_above": ("the floor price is above the price", "底价高于价格"),
    "self_demoted": ("admins cannot take away their own role", "管理员不能取消自己的管理权限"),
    "rule_broken": ("{detail}", "不符合规则：{detail}"),
}


def said(flaw: Flaw, language: str) -> str:
    """The sentence of a flaw in one language: Chinese for any `zh…`, English otherwise."""
    return SENTENCES[flaw.name][int(language.lower().startswith("zh"))].format(**flaw.facts)
