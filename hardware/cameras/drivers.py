"""Which driver reads which kind of source. Each is imported where it is used: few machines have all their libraries."""

from pathlib import Path

from hardware.cameras.address import Address
from hardware.cameras.picture import Driver


def driver_for(address: Address, camera: str, folder: Path, size: tuple[int, int], fps_max: float) -> Driver:
    """The driver of `address`, not yet open. Paths are relative to `folder`; `size` is the wished width and height."""
    match address.kind:
        case "webcam":
            from hardware.cameras.webcam import Webcam

            driver: Driver = Webcam(address.text, size, fps_max)
        case "rtsp" | "http":
            from hardware.cameras.network_stream import NetworkStream

            driver = NetworkStream(address)
        case "picamera":
            from hardware.cameras.picamera import PiCamera

            driver = PiCamera(int(address.text), size, fps_max)
        case "jetson":
            from hardware.cameras.gstreamer import GStreamer
            from hardware.cameras.jetson import jetson_pipeline

            driver = GStreamer(jetson_pipeline(int(address.text), size, fps_max))
        case "gstreamer":
            from hardware.cameras.gstreamer import GStreamer

            driver = GStreamer(address.text)
        case "video" | "images":
            from hardware.cameras.played_files import PlayedFiles

            driver = PlayedFiles(camera, address.kind, folder / address.text, fps_max)
        case "simulated":
            from hardware.cameras.simulated_source import SimulatedSource

            driver = SimulatedSource(address.text, size, fps_max)
    return driver
