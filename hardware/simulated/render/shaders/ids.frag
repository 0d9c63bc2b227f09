flat in uint id;
layout(location = 0) out uint pixel;
void main() { pixel = id; }
