uniform sampler2DArray pages;
in vec3 at, facing, paper, tint, look;
layout(location = 0) out vec4 pixel;
#ifdef WITH_ID
flat in uint id;
layout(location = 1) out uint number;
#endif
void main() {
#ifdef WITH_ID
    number = id;
#endif
    vec3 print = texture(pages, paper).rgb;
    if (paper.z > 0.5 && paper.z < 2.5) print *= 255.0 / 200.0;
    vec3 base = linear(print * tint);
    if (look.z > 0.0) { pixel = film(base * look.z); return; }
    pixel = film(seen(base, at, facing, look.x, look.y));
}
