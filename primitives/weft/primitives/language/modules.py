"""The modules a harness can import, which names each has, and what to do without all others.

Left out on purpose, among others: whatever reads attributes by name (`operator.attrgetter`, `string.Formatter`),
evaluates text (`typing.get_type_hints`, `functools.singledispatch`), builds classes from data (`make_dataclass`,
`Enum(name, members)`), writes to what it is given (`functools.update_wrapper`) or is random (`NormalDist`).
"""

from __future__ import annotations

from collections.abc import Mapping

from weft.primitives.language.vocabulary import TYPES, VOCABULARY

__all__ = ["EXPORTS", "HABIT_MODULES", "MODULES", "PRIMITIVES", "module_problem", "name_problem_in"]

PRIMITIVES = "weft.primitives"
"""The module that harnesses import the language from."""

HABIT_MODULES = {"asyncio": frozenset({"gather"})}
"""Modules outside the language that work all the same, because harnesses are written from habit. The linter says
what to write instead."""

_STANDARD: Mapping[str, str] = {
    "abc": """
        ABC abstractmethod
    """,
    "bisect": """
        bisect bisect_left bisect_right insort insort_left insort_right
    """,
    "collections": """
        ChainMap Counter OrderedDict abc defaultdict deque namedtuple
    """,
    "collections.abc": """
        AsyncGenerator AsyncIterable AsyncIterator Awaitable Callable Collection Container Coroutine Generator
        Hashable ItemsView Iterable Iterator KeysView Mapping MappingView MutableMapping MutableSequence
        MutableSet Reversible Sequence Set Sized ValuesView
    """,
    "copy": """
        copy deepcopy
    """,
    "dataclasses": """
        FrozenInstanceError InitVar KW_ONLY MISSING asdict astuple dataclass field fields is_dataclass replace
    """,
    "enum": """
        Enum Flag IntEnum IntFlag StrEnum auto member nonmember unique
    """,
    "functools": """
        cache cached_property cmp_to_key lru_cache partial reduce total_ordering wraps
    """,
    "heapq": """
        heapify heappop heappush heappushpop heapreplace merge nlargest nsmallest
    """,
    "itertools": """
        accumulate chain combinations combinations_with_replacement compress count cycle dropwhile filterfalse
        groupby islice pairwise permutations product repeat starmap takewhile tee zip_longest
    """,
    "json": """
        JSONDecodeError dumps loads
    """,
    "math": """
        acos acosh asin asinh atan atan2 atanh cbrt ceil comb copysign cos cosh degrees dist e erf erfc exp exp2
        expm1 fabs factorial floor fmod frexp fsum gamma gcd hypot inf isclose isfinite isinf isnan isqrt lcm
        ldexp lgamma log log10 log1p log2 modf nan nextafter perm pi pow prod radians remainder sin sinh sqrt
        tan tanh tau trunc ulp
    """,
    "operator": """
        abs add and_ concat contains countOf delitem eq floordiv ge getitem gt iadd iand iconcat ifloordiv
        ilshift imatmul imod imul index indexOf inv invert ior ipow irshift is_ is_not isub itemgetter itruediv
        ixor le length_hint lshift lt matmul mod mul ne neg not_ or_ pos pow rshift setitem sub truediv truth
        xor
    """,
    "re": """
        A ASCII DOTALL I IGNORECASE M MULTILINE Match NOFLAG Pattern S U UNICODE VERBOSE X compile error escape
        findall finditer fullmatch match search split sub subn
    """,
    "statistics": """
        StatisticsError correlation covariance fmean geometric_mean harmonic_mean linear_regression mean median
        median_grouped median_high median_low mode multimode pstdev pvariance quantiles stdev variance
    """,
    "string": """
        Template ascii_letters ascii_lowercase ascii_uppercase capwords digits hexdigits octdigits printable
        punctuation whitespace
    """,
    "textwrap": """
        dedent fill indent shorten wrap
    """,
    "typing": """
        AbstractSet Annotated Any AnyStr AsyncGenerator AsyncIterable AsyncIterator Awaitable Callable ClassVar
        Collection Concatenate Container Coroutine Counter DefaultDict Deque Dict Final FrozenSet Generator
        Generic Hashable ItemsView Iterable Iterator KeysView List Literal LiteralString Mapping MappingView
        Match MutableMapping MutableSequence MutableSet NamedTuple Never NewType NoReturn NotRequired Optional
        OrderedDict ParamSpec Pattern Protocol Required Reversible Self Sequence Set Sized SupportsAbs
        SupportsFloat SupportsIndex SupportsInt SupportsRound TYPE_CHECKING Text Tuple Type TypeAlias TypeGuard
        TypeVar TypeVarTuple TypedDict Union Unpack ValuesView assert_never cast final get_args get_origin
        overload override runtime_checkable
    """,
}

MODULES = tuple(_STANDARD)
"""The pure modules a harness may import besides `weft.primitives`; `from __future__ import annotations` is accepted."""

EXPORTS: Mapping[str, frozenset[str]] = {
    **{module: frozenset(names.split()) for module, names in _STANDARD.items()},
    **HABIT_MODULES,
    "weft": frozenset({"primitives"}),
    PRIMITIVES: frozenset((*VOCABULARY, *TYPES)),
}
"""All modules that can be imported, and the names that each has, submodules among them."""

_TOGETHER = "parallel([…]) runs calls together, keeps input order and turns failures into None"
_FILES = "put it in args, or let an agent read it with read_file; return what shall be kept"
_NETWORK = "fetch it before the run, and put it in args or where agents may read"
_TIME = "take the date from args, or now() for when the run started; agent(timeout=…) limits time"
_CHANCE = "sample(items, k, seed=…) is reproducible; or vary by index: ITEMS[index % len(ITEMS)]"
_LOG = "write log(message)"
_ADVICE = {
    **dict.fromkeys(("os", "pathlib", "shutil", "glob", "io", "tempfile", "csv", "sqlite3", "fileinput"), _FILES),
    **dict.fromkeys(("requests", "httpx", "urllib", "aiohttp", "socket", "http", "ssl", "ftplib"), _NETWORK),
    **dict.fromkeys(("anyio", "trio", "curio", "gevent", "concurrent", "threading", "queue"), _TOGETHER),
    **dict.fromkeys(("multiprocessing", "_thread", "contextvars"), _TOGETHER),
    **dict.fromkeys(("time", "datetime", "calendar", "zoneinfo"), _TIME),
    **dict.fromkeys(("random", "secrets"), _CHANCE),
    **dict.fromkeys(("logging", "warnings", "pprint"), _LOG),
    **dict.fromkeys(("inspect", "traceback", "types"), "use str(error) and type(x)"),
    **dict.fromkeys(("decimal", "fractions"), "count in whole units (cents, not euros), or use float and round()"),
    "array": "use a list",
    "cmath": "use complex numbers with abs(), and math",
    "contextlib": "write a class with __enter__ and __exit__, or try/except",
    "hashlib": "key on the text itself; a dict or Seen compares it",
    "numpy": "use statistics and math",
    "pandas": "use lists of dicts with itertools and statistics",
    "pickle": "use json",
    "pydantic": "describe answers with a JSON Schema in schema=",
    "subprocess": "run the command before, and put its output into args",
    "sys": "put what the run needs into args, and return the result",
    "uuid": "number things: enumerate(items)",
    "yaml": "use json",
}
_NAME_ADVICE = {
    "collections.UserDict": "derive from dict",
    "collections.UserList": "derive from list",
    "collections.UserString": "derive from str",
    "copy.replace": "use dataclasses.replace(x, …)",
    "dataclasses.make_dataclass": "write a class statement with @dataclass",
    "functools.partialmethod": "write a method",
    "functools.singledispatch": "write `if isinstance(x, C): …`, or a dict of functions",
    "functools.singledispatchmethod": "write `if isinstance(x, C): …`, or a dict of functions",
    "functools.update_wrapper": "use functools.wraps(function)",
    "itertools.batched": "write [items[i:i + n] for i in range(0, len(items), n)]",
    "json.JSONEncoder": "use json.dumps(value, default=str), or make plain data first",
    "json.JSONDecoder": "use json.loads(text)",
    "json.dump": "use json.dumps(value)",
    "json.load": "use json.loads(text)",
    "math.sumprod": "write sum(a * b for a, b in zip(x, y))",
    "operator.attrgetter": "write lambda x: x.name",
    "operator.call": "call the function",
    "operator.methodcaller": "write lambda x: x.name()",
    "statistics.NormalDist": "use statistics.mean and statistics.stdev",
    "string.Formatter": "use an f-string, or template.format(…)",
    "textwrap.TextWrapper": "use textwrap.wrap(text, width) or textwrap.fill(text, width)",
    "typing.get_type_hints": "leave it out: annotations are dropped",
}


def module_problem(module: str) -> tuple[str, str] | None:
    """Say why a module cannot be imported, and what to do instead; `None` when it can."""
    if module in EXPORTS:
        return None
    if module.startswith("."):
        return "a relative import is not available in a harness", "paste the functions in, or use workflow(name, args)"
    known = _ADVICE.get(module.partition(".")[0], f"there are: {', '.join((PRIMITIVES, *MODULES))}")
    return f"the module `{module}` is not available in a harness", known


def name_problem_in(module: str, name: str) -> tuple[str, str] | None:
    """Say that a module of `EXPORTS` does not have `name`, and what to do instead; `None` when it does."""
    exports = EXPORTS[module]
    if name in exports:
        return None
    whole = f"{module}.{name}"
    others = f"`{module}` has: {', '.join(sorted(exports))}" if len(exports) <= 20 else "write it here"
    return f"`{whole}` is not available in a harness", _NAME_ADVICE.get(whole, others)
