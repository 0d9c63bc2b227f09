"""What `tillfree calibrate` does between its options and edge/calibration: pictures in, store file and picture out."""
