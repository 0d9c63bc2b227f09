"""The camera that a store file tells, as edge/calibration thinks of one."""

import numpy as np

from edge.calibration.optics import Optics
from edge.calibration.view import View
from protocol.store import Camera


def view_of(plan: Camera) -> View | None:
    """Where the camera hangs and how it sees; None where the store file does not tell it."""
    if plan.pose is None:
        return None
    optics = Optics.of(plan.lens, plan.size, plan.id)
    assert optics.focal_px is not None, "the store file's checks ask for a focal length beside a pose"
    right, forward = np.array(plan.pose.right), np.array(plan.pose.forward)
    axes = np.array([right, np.cross(forward, right), forward])
    return View(optics, optics.focal_px, axes, np.array(plan.pose.eye))
