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
