"""What of calibration looks at pictures or makes them, with OpenCV: boards, chessboards, references, the floor grid."""
