uniform sampler2DArray labels;
uniform vec3 cap, body;
in vec3 at, facing;
in vec2 print_uv;
flat in vec4 kind;
layout(location = 0) out vec4 pixel;
#ifdef WITH_ID
flat in uint id;
layout(location = 1) out uint number;
#endif
void main() {
#ifdef WITH_ID
    number = id;
#endif
    vec3 base = texture(labels, vec3(print_uv.x, 1.0 - clamp(print_uv.y, 0.002, 0.998), kind.x)).rgb;
    if (print_uv.y < -2.5) base = cap;
    else if (print_uv.y < -1.5) base = body;
    else if (print_uv.y < -0.01) base = vec3(0.72);
    pixel = film(seen(linear(base), at, normalize(facing), kind.w, kind.z));
}
