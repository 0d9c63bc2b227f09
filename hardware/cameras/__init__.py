"""Drivers behind the camera port: video files, folders of images, webcams."""
