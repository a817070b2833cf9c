"""Conversations that were really held: the groups that Polis published, and what red-dwarf made of the same votes."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from madang.rooms.autonomy.engine.opinion import OpinionParameters, Side, opinion_groups
from madang.rooms.autonomy.engine.opinion.clusters import adjusted_rand
from madang.rooms.autonomy.formats.polis import export_read, statements_read

CONVERSATIONS = ("vtaiwan.uberx", "scoop-hivemind.biodiversity", "american-assembly.bowling-green")


@pytest.mark.peer
@pytest.mark.parametrize("name", CONVERSATIONS)
def test_groups_and_consensus_are_those_of_red_dwarf(reference_data: Path, name: str) -> None:
    folder = reference_data / "polis" / name
    expected: dict[str, Any] = json.loads(
        (folder.parent / "expected" / f"{name}.red-dwarf.json").read_text(encoding="utf-8")
    )
    statements = statements_read("comments.csv", (folder / "comments.csv").read_bytes())
    table = export_read("table", (folder / "participants-votes.csv").read_bytes(), statements)
    source = folder / expected["source"]
    votes = export_read(source.name, source.read_bytes(), statements).votes
    found = opinion_groups(votes, OpinionParameters(resamples=0))

    label = {votes.participants[at]: group for at, group in zip(found.clustered, found.labels, strict=True)}
    both = sorted(set(label) & set(table.groups))
    index = adjusted_rand(np.array([label[key] for key in both]), np.array([table.groups[key] for key in both]))
    assert index >= expected["ari_vs_polis_export"] - 1e-9
    assert found.plane.explained == pytest.approx(expected["pca_explained_variance_ratio"], abs=1e-6)
    assert len(found.numbers) == expected["n_groups"]
    assert sorted(np.bincount(found.labels)) == sorted(expected["group_sizes"].values())

    consensus = found.consensus[Side.AGREE]
    place = {key: at for at, key in enumerate(votes.statements)}
    for row in expected["top10_group_aware_consensus_agree"]:
        assert consensus[place[str(row["statement_id"])]] == pytest.approx(row["gac"], abs=1e-9)
    for side, picks in (("agree", found.agreed), ("disagree", found.rejected)):
        ours = [(votes.statements[pick.statement], pick.votes, pick.seen, pick.share_z) for pick in picks]
        theirs = [
            (str(row["tid"]), row["n-success"], row["n-trials"], row["p-test"]) for row in expected["consensus"][side]
        ]
        assert [row[:3] for row in ours] == [row[:3] for row in theirs]
        assert [row[3] for row in ours] == pytest.approx([row[3] for row in theirs])


@pytest.mark.peer
@pytest.mark.parametrize("name", CONVERSATIONS[:2])
def test_both_shapes_of_an_export_hold_the_same_votes(reference_data: Path, name: str) -> None:
    folder = reference_data / "polis" / name
    table = export_read("table", (folder / "participants-votes.csv").read_bytes()).votes
    listed = export_read("list", (folder / "votes.csv").read_bytes()).votes
    assert table.participants == listed.participants
    for one, other in ((table.row, listed.row), (table.column, listed.column), (table.value, listed.value)):
        assert np.array_equal(one, other)
