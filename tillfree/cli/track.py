"""`tillfree track`: people followed through a film or a list of detections."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from tillfree.cli.output import JsonOption, console_for, write_json


def track(
    *,
    out: Annotated[Path, typer.Option(metavar="FILE", help="Write the tracks here, as MOTChallenge text.")],
    detections: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Detections as MOTChallenge text (a det.txt); with --fps.")
    ] = None,
    video: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A film; persons are found by the network.")
    ] = None,
    fps: Annotated[
        float | None, typer.Option(min=0.1, max=1000.0, help="With --detections: pictures a second.")
    ] = None,
    divide_scores_by: Annotated[
        float | None,
        typer.Option(min=1e-6, help="With --detections: what makes their scores probabilities. [1 or 60, see docs]"),
    ] = None,
    online: Annotated[
        bool, typer.Option("--online", help="Say at once what is known, as in a store; nothing is refined later.")
    ] = False,
    json_file: JsonOption = None,
) -> None:
    """Follow people: detections or a film in, who was where out."""
    from tillfree.track.errors import TrackError

    if (detections is None) == (video is None):
        raise TrackError("give either --detections FILE with --fps N, or --video FILE")
    if detections is not None:
        from tillfree.track.detections_file import read_detections
        from tillfree.track.following import follow_detections

        if fps is None:
            raise TrackError(f"{detections}: does not say how many pictures a second it is of; give --fps N")
        found = read_detections(detections, divide_scores_by)
        result = follow_detections(found, fps, out, online=online)
    else:
        from edge.perception.persons import PersonDetector
        from edge.perception.precision import person_network
        from edge.perception.running import running_here
        from tillfree.track.following import follow_video

        assert video is not None
        if fps is not None or divide_scores_by is not None:
            raise TrackError("--fps and --divide-scores-by go with --detections; a film tells its own times")
        running = running_here()
        if running.precision == "best":
            # Nobody waits for a film's next picture: what half the time would cost in exactness is not worth it here.
            running = replace(running, precision="float")
        result = follow_video(video, PersonDetector(person_network(running)), out, online=online)
    console = console_for(json_file)
    console.print(
        f"{result['frames']} frames, {result['tracks']} people, {result['boxes']} boxes in {out}: "
        f"{result['ms_per_frame']} ms of processor time a frame, {result['wall_ms_per_frame']} ms by the clock"
    )
    divided_by = result.get("scores_divided_by", 1.0)
    if divided_by != 1.0:
        console.print(f"scores lay beyond 0–1 and were divided by {divided_by:g} and cut to 0–1")
    if detections is not None and not result["tracks"] and len(found.scores):
        console.print(
            f"nobody was followed: the surest detection has {found.scores.max():.2f}, of 0–1; 0.5 begins a track"
        )
    write_json(json_file, result)
