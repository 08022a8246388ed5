"""The stores of the demo chain: twelve told one by one, or two hundred."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

from deploy.demo.shapes import StorePlan
from shared import days

CHAIN_NAME = "丽影美容连锁"
CHINA = "Asia/Shanghai"


def twelve(first_month: date) -> tuple[StorePlan, ...]:
    """Name the twelve stores of the usual demo; dates are told from the first month."""
    return (
        _direct("001", "chaoyang", "北京朝阳店", 455, growth_rate=0.008, rent_fen=46_000_00),
        _direct("002", "haidian", "北京海淀店", 400, growth_rate=0.010, rent_fen=39_000_00),
        _direct("003", "jingan", "上海静安店", 500, growth_rate=0.012, price_level=1.08),
        _direct("004", "pudong", "上海浦东店", 425, growth_rate=0.006, rent_fen=44_000_00),
        _direct("005", "tianhe", "广州天河店", 410, growth_rate=0.004, short_weekdays=(2, 5)),
        _direct("006", "nanshan", "深圳南山店", 430, growth_rate=0.014, rent_fen=45_000_00),
        _franchised("007", "heping", "天津和平店", 330, growth_rate=0.002, shut_weekdays=(1,)),
        _franchised("008", "xihu", "杭州西湖店", 385, growth_rate=0.009),
        _franchised("009", "xinjiekou", "南京新街口店", 285, growth_rate=-0.021),  # the slack one
        _franchised("010", "chunxi", "成都春熙路店", 405, growth_rate=0.011),
        _franchised("011", "guanyinqiao", "重庆观音桥店", 360, opened_on=_later(first_month, 6)),
        _overseas("012", "san-gabriel", "洛杉矶圣盖博店", 300),
    )


def two_hundred(first_month: date, rng: Random) -> tuple[StorePlan, ...]:
    """Name two hundred stores: the twelve, and others in many more districts."""
    known = twelve(first_month)
    taken = {plan.name for plan in known}
    places = [place for place in _places() if place[1] not in taken]
    rng.shuffle(places)
    return known + tuple(
        _one_of_many(f"{number:03d}", place, first_month, rng)
        for number, place in enumerate(places[:188], start=len(known) + 1)
    )


_REGIONS = {
    "北京": "华北",
    "天津": "华北",
    "上海": "华东",
    "杭州": "华东",
    "南京": "华东",
    "广州": "华南",
    "深圳": "华南",
    "成都": "西南",
    "重庆": "西南",
}


def _direct(code: str, slug: str, name: str, visits: int, **more: Any) -> StorePlan:
    plan = StorePlan(
        code=code,
        slug=slug,
        name=name,
        region=_REGIONS[name[:2]],
        kind="DIRECT",
        city_tier="一线",
        size_class="中",
        time_zone=CHINA,
        opened_on=date(2012 + int(code), 4, 18),
        visits_a_month=visits,
        rent_fen=42_000_00,
    )
    return replace(plan, **more)


def _franchised(code: str, slug: str, name: str, visits: int, **more: Any) -> StorePlan:
    plan = StorePlan(
        code=code,
        slug=slug,
        name=name,
        region=_REGIONS[name[:2]],
        kind="FRANCHISED",
        city_tier="新一线",
        size_class="中",
        time_zone=CHINA,
        opened_on=date(2011 + int(code), 9, 9),
        visits_a_month=visits,
        price_level=0.88,
        rent_fen=24_000_00,
    )
    return replace(plan, **more)


def _overseas(code: str, slug: str, name: str, visits: int) -> StorePlan:
    return StorePlan(
        code=code,
        slug=slug,
        name=name,
        region="海外",
        kind="FRANCHISED",
        city_tier="海外",
        size_class="中",
        time_zone="America/Los_Angeles",
        opened_on=date(2019, 9, 20),
        visits_a_month=visits,
        price_level=1.65,
        shut_weekdays=(1,),
        habits="overseas",
        rent_fen=52_000_00,
    )


def _later(month: date, count: int) -> date:
    for _ in range(count):
        month = days.next_month(month)
    return month.replace(day=8)


_CITIES: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("华北", "北京", "一线", ("国贸", "望京", "西单", "五道口", "通州", "亦庄", "方庄", "回龙观")),
    ("华东", "上海", "一线", ("徐家汇", "五角场", "虹桥", "陆家嘴", "七宝", "打浦桥", "大宁")),
    ("华南", "广州", "一线", ("北京路", "珠江新城", "番禺", "江南西", "白云", "客村", "万博")),
    ("华南", "深圳", "一线", ("福田", "罗湖", "宝安", "龙华", "后海", "布吉", "坂田", "车公庙")),
    ("华北", "天津", "新一线", ("滨江道", "大悦城", "塘沽", "河西", "梅江", "水上")),
    ("华北", "石家庄", "二线", ("勒泰", "万象城", "裕华", "北国", "新百")),
    ("华北", "太原", "二线", ("柳巷", "亲贤街", "长风", "万柏林")),
    ("华北", "济南", "二线", ("泉城路", "洪家楼", "奥体", "恒隆", "高新")),
    ("华北", "青岛", "新一线", ("台东", "香港中路", "崂山", "李村", "万象城", "黄岛")),
    ("东北", "沈阳", "二线", ("中街", "太原街", "铁西", "浑南", "长白岛")),
    ("东北", "大连", "二线", ("青泥洼", "西安路", "星海", "开发区", "和平广场")),
    ("东北", "哈尔滨", "二线", ("中央大街", "秋林", "群力", "江北", "哈西")),
    ("东北", "长春", "二线", ("重庆路", "红旗街", "欧亚", "净月")),
    ("华东", "杭州", "新一线", ("武林", "湖滨", "滨江", "城西", "萧山", "下沙", "钱江新城")),
    ("华东", "南京", "新一线", ("夫子庙", "河西", "仙林", "江宁", "湖南路", "桥北")),
    ("华东", "苏州", "新一线", ("观前街", "园区", "石路", "新区", "吴江", "相城")),
    ("华东", "宁波", "新一线", ("天一", "鄞州", "江北", "南部商务区", "东部新城")),
    ("华东", "合肥", "新一线", ("淮河路", "政务区", "滨湖", "三里庵", "高新")),
    ("华东", "无锡", "二线", ("三阳", "滨湖", "新吴", "锡东", "荟聚")),
    ("华南", "佛山", "新一线", ("祖庙", "千灯湖", "顺德", "南海", "禅城")),
    ("华南", "东莞", "新一线", ("南城", "东城", "虎门", "厚街", "松山湖")),
    ("华南", "厦门", "二线", ("中山路", "SM", "五缘湾", "集美", "莲坂")),
    ("华南", "福州", "二线", ("东街口", "万象", "宝龙", "仓山", "五四")),
    ("华中", "武汉", "新一线", ("江汉路", "光谷", "徐东", "汉阳", "楚河汉街", "王家湾", "街道口")),
    ("华中", "长沙", "新一线", ("五一", "梅溪湖", "德思勤", "河西", "星沙", "四方坪")),
    ("华中", "郑州", "新一线", ("二七", "花园路", "正弘城", "郑东", "大学路", "高新")),
    ("西南", "成都", "新一线", ("太古里", "高新", "双楠", "建设路", "万象城", "金牛", "天府")),
    ("西南", "重庆", "新一线", ("解放碑", "南坪", "杨家坪", "大坪", "沙坪坝", "礼嘉")),
    ("西南", "昆明", "二线", ("南屏街", "同德", "北市区", "呈贡", "西市区")),
    ("西南", "贵阳", "二线", ("喷水池", "花果园", "观山湖", "小河")),
    ("西北", "西安", "新一线", ("钟楼", "小寨", "高新", "曲江", "赛格", "北郊", "浐灞")),
    ("西北", "兰州", "二线", ("西关", "东方红", "安宁", "雁滩")),
    ("西北", "乌鲁木齐", "二线", ("友好", "中山路", "会展", "铁路局")),
    ("华南", "南宁", "二线", ("朝阳", "万象城", "航洋", "江南", "五象")),
)


def _places() -> Iterator[tuple[str, str, str]]:
    for region, city, tier, districts in _CITIES:
        for district in districts:
            yield region, f"{city}{district}店", tier


def _one_of_many(
    code: str, place: tuple[str, str, str], first_month: date, rng: Random
) -> StorePlan:
    region, name, tier = place
    is_direct = tier == "一线" and rng.random() < 0.6
    is_young = rng.random() < 0.08
    return StorePlan(
        code=code,
        slug=f"store-{code}",
        name=name,
        region=region,
        kind="DIRECT" if is_direct else "FRANCHISED",
        city_tier=tier,
        size_class=rng.choice("大中中中小"),
        time_zone="Asia/Urumqi" if name.startswith("乌鲁木齐") else CHINA,
        opened_on=(
            _later(first_month, rng.randrange(1, 11))
            if is_young
            else date(rng.randrange(2013, 2023), rng.randrange(1, 13), rng.randrange(1, 28))
        ),
        visits_a_month=round(rng.gauss(390, 70)),
        growth_rate=rng.gauss(0.005, 0.008),
        price_level={"一线": 1.0, "新一线": 0.88, "二线": 0.78}[tier],
        shut_weekdays=(1,) if rng.random() < 0.12 else (),
        rent_fen={"一线": 42_000_00, "新一线": 25_000_00, "二线": 18_000_00}[tier],
    )
