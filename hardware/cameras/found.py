"""The cameras that this machine shows by itself: USB by their devices, CSI where picamera2 is there."""

from dataclasses import dataclass

from hardware.cameras.webcam import found, name_of


@dataclass(frozen=True, slots=True)
class FoundCamera:
    """A device, what it calls itself, and the `source` to write for it."""

    device: str
    name: str
    source: str


def found_cameras() -> list[FoundCamera]:
    """Every camera that can be seen without a search of the network; empty where there is none."""
    usb = [FoundCamera(f"/dev/video{number}", name_of(number), f"webcam:{number}") for number in found()]
    try:
        from picamera2 import Picamera2  # type: ignore[import-not-found] # Raspberry Pi OS alone has it
    except ImportError:
        return usb
    csi = enumerate(Picamera2.global_camera_info())
    return [*usb, *(FoundCamera(f"CSI {n}", str(each.get("Model", "")), f"picamera:{n}") for n, each in csi)]
