"""What a file is, told by its name: whether it may be a notebook, else what to ask for instead."""

import re

ASK = "ask for the notebook itself (File > Download > Download .ipynb)"
NO_NOTEBOOK = f"is no notebook: {ASK}"

# What is no notebook, by the end of its name. Whatever else is handed in is looked into.
KINDS = {
    "is a web page, which shows a notebook but cannot be run": "html htm mhtml xhtml",
    "is a Python script": "py",
    "is a PDF, which shows a notebook but cannot be run": "pdf",
    "is a link to a file in the cloud, not the file": (
        "gdoc gsheet gslides gdraw gform url webloc lnk desktop"
    ),
    "is an archive that cannot be opened here": "rar 7z zipx gz bz2 xz zst lz4 cab dmg iso",
    "is an e-mail; a notebook may be attached to it": "eml msg mbox",
    "is a text document": "doc docx odt rtf pages tex md rst",
    "is a presentation": "ppt pptx odp key",
    "is a table": "csv tsv xls xlsx ods numbers parquet",
    "is a picture": "png jpg jpeg gif bmp tif tiff svg webp heic heif ico",
    "is a recording": "mp4 mov avi mkv webm m4a mp3 wav",
    "is a trained network or its data, without the code": (
        "keras h5 hdf5 npz npy pb tflite onnx pkl pickle pt pth ckpt"
    ),
    "is a download that did not end": "crdownload part partial",
    "is a setting of a tool": "toml yml yaml ini cfg lock lst",
    "is a program": "exe dll so dylib sh bat ps1 pyc js css c h cpp java ts map class jar whl",
}
REASONS = {suffix: f"{what}: {ASK}" for what, ends in KINDS.items() for suffix in ends.split()}
METADATA = "submission_metadata.yml"  # in which Gradescope says who handed in what
EMPTY_FOLDER = f"the folder is empty: {ASK}"

# What instructors and learning platforms keep beside hand-ins.
BESIDE = re.compile(
    r"(?:readme|licen[cs]e|index|grades?|roster|names|overrides|timestamp)\b[^/]*"
    r"|.*\.(?:csv|tsv|toml|ya?ml|xlsx?|ods|ini|cfg)",
    re.IGNORECASE | re.DOTALL,
)
NOTEBOOK = re.compile(r"\.ipynb(?![A-Za-z0-9])", re.IGNORECASE)


def why_not(name: str) -> str:
    """Say what a file of this name is instead of a notebook; nothing where it may be one.

    The empty name is that of a folder in which nothing lies.
    """
    if not name:
        return EMPTY_FOLDER
    if name == METADATA:
        return ""
    suffix = name.rpartition(".")[2].casefold() if "." in name else ""
    return REASONS.get(suffix, "")


def is_called_a_notebook(name: str) -> bool:
    """Tell whether a name has a notebook's suffix, also before another: ``a.ipynb.txt``."""
    return NOTEBOOK.search(name) is not None


def stem_of(name: str) -> str:
    """Return a file's name without its suffixes, or all of it where it has none."""
    head = NOTEBOOK.split(name, maxsplit=1)[0]
    if head != name:
        return head
    return re.sub(r"(?:\.tar)?\.[A-Za-z]\w{0,9}$", "", name) or name
