"""Notebooks as the programs save them in which learners work."""

import copy


def by_colab(notebook):
    """Save a notebook as Colab does: its own ids, outputs, run times, widgets, no cell ids."""
    saved = copy.deepcopy(notebook)
    saved["nbformat_minor"] = 0
    saved["metadata"] |= {
        "colab": {
            "provenance": [],
            "gpuType": "T4",
            "toc_visible": True,
            "include_colab_link": True,
        },
        "widgets": {"application/vnd.jupyter.widget-state+json": {"state": {}}},
    }
    for count, cell in enumerate(saved["cells"]):
        cell.pop("id")
        cell["metadata"] = dict(reversed([*cell["metadata"].items(), ("outputId", f"f{count}")]))
        if cell["cell_type"] == "code":
            cell["execution_count"] = count
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["x\n"]}]
            cell["metadata"]["executionInfo"] = {"status": "ok", "user": {"displayName": "A"}}
    extra = {"cell_type": "code", "source": ["1 + 1"], "metadata": {"id": "Zx1"}, "outputs": []}
    saved["cells"].insert(2, {**extra, "execution_count": None})
    return saved


def by_jupyter(notebook):
    """Save a notebook as JupyterLab does: outputs, counts, its own kernel and language."""
    saved = copy.deepcopy(notebook)
    saved["metadata"]["language_info"] = {
        "name": "python",
        "version": "3.12.1",
        "file_extension": ".py",
    }
    for count, cell in enumerate(saved["cells"]):
        cell["metadata"] |= {"editable": True, "slideshow": {"slide_type": ""}, "tags": []}
        if cell["cell_type"] == "code":
            cell |= {"execution_count": count, "metadata": {**cell["metadata"], "trusted": True}}
    return saved


def by_vs_code(notebook):
    """Save a notebook as VS Code does: sources as one text, cells with a language of their own."""
    saved = copy.deepcopy(notebook)
    saved["metadata"]["kernelspec"] = {
        "display_name": ".venv",
        "language": "python",
        "name": "python3",
    }
    for cell in saved["cells"]:
        cell["metadata"] |= {"vscode": {"languageId": "python"}}
        cell["source"] = "".join(cell["source"])
    return saved


def by_kaggle(notebook):
    """Save a notebook as Kaggle does: its own metadata, and a first cell that lists the input."""
    saved = copy.deepcopy(notebook)
    saved["metadata"]["kaggle"] = {"accelerator": "none", "dataSources": [], "isGpuEnabled": False}
    listing = [
        "# This Python 3 environment comes with many helpful analytics libraries installed\n",
        "import numpy as np # linear algebra\n",
        "import pandas as pd # data processing, CSV file I/O (e.g. pd.read_csv)\n",
        "import os\n",
        "for dirname, _, filenames in os.walk('/kaggle/input'):\n",
        "    for filename in filenames:\n",
        "        print(os.path.join(dirname, filename))",
    ]
    first = {"cell_type": "code", "source": listing, "metadata": {"_uuid": "8f2839f25d"}}
    saved["cells"].insert(0, {**first, "id": "k0", "outputs": [], "execution_count": None})
    for cell in saved["cells"]:
        cell["metadata"] |= {"_cell_guid": "b1076dfc", "trusted": True}
    return saved


def by_deepnote(notebook):
    """Save a notebook as Deepnote does: its own ids and run times, and a last cell of its own."""
    saved = copy.deepcopy(notebook)
    saved["metadata"] |= {"deepnote_notebook_id": "00000", "deepnote_execution_queue": []}
    for count, cell in enumerate(saved["cells"]):
        cell.pop("id")
        cell["source"] = "".join(cell["source"])
        cell["metadata"] = {
            "cell_id": f"0000{count}",
            "deepnote_cell_type": cell["cell_type"],
            "source_hash": "5cc9a4f1",
            "execution_start": 1_700_000_000_000,
        }
    text = "<a style='text-decoration:none' href='https://deepnote.com'>Created in Deepnote</a>"
    made = {"created_in_deepnote_cell": True, "deepnote_cell_type": "markdown"}
    saved["cells"].append({"cell_type": "markdown", "source": text, "metadata": made})
    saved["nbformat_minor"] = 0
    return saved
