"""A CSI camera of an NVIDIA Jetson, as a GStreamer pipeline.

`nvarguscamerasrc` and `nvvidconv` come with NVIDIA's JetPack (Jetson Linux Developer Guide, "Accelerated GStreamer").
This pipeline has not been run on a Jetson: there was none. What stands around it (gstreamer.py) is tested with other
sources.
"""


def jetson_pipeline(sensor: int, size: tuple[int, int], fps_max: float) -> str:
    """The pipeline of CSI camera `sensor` with pictures of `size` (width, height), converted by the image engine."""
    width, height = size
    rate = max(round(fps_max), 1)
    return (
        f"nvarguscamerasrc sensor-id={sensor} ! video/x-raw(memory:NVMM),framerate={rate}/1 ! "
        f"nvvidconv ! video/x-raw,format=I420,width={width},height={height}"
    )
