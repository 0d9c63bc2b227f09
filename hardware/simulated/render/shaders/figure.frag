uniform vec3 palette[6];       // by material; see bodies/figure.py
uniform vec3 second;           // the pattern's other colour
uniform vec2 pattern;          // which, and how fine
uniform sampler2D cloth;
in vec3 at, facing, rest;
flat in uint material;
layout(location = 0) out vec4 pixel;
#ifdef WITH_ID
flat in uint id;
layout(location = 1) out uint number;
#endif
void main() {
#ifdef WITH_ID
    number = id;
#endif
    vec3 base = palette[material];
    vec3 normal = normalize(gl_FrontFacing ? facing : -facing);
    float gloss = 0.08;
    vec3 fold = texture(cloth, vec2(atan(rest.y, rest.x + 0.02) * 0.6, rest.z * 1.3)).rgb;
    if (material == 1u) {
        float across = sin(rest.z * pattern.y), up = sin(rest.y * pattern.y);
        if (pattern.x == 1.0) base = mix(base, second, smoothstep(-0.2, 0.2, across));
        else if (pattern.x == 2.0) base = mix(base, second, 0.35 * step(0.3, across) + 0.35 * step(0.3, up));
        else if (pattern.x == 3.0 && rest.x > 0.0 && length(vec2(rest.y, (rest.z - 1.25) * 1.2)) < 0.1)
            base = mix(base, second, step(0.0, sin(rest.y * 80.0) + sin(rest.z * 95.0)));
    }
    if (material >= 1u && material <= 3u) {
        vec3 side = normalize(vec3(-normal.y, normal.x, 1e-3));
        normal = normalize(normal + (side * (fold.r - 0.5) + vec3(0.0, 0.0, fold.g - 0.5)) * 0.55);
        base *= 0.45 + 0.72 * fold.b;
    }
    if (material == 0u) { gloss = 0.18; base *= 0.93 + 0.1 * fold.b; }
    if (material == 4u) { gloss = 0.1; base *= 0.55 + 0.7 * texture(cloth, vec2(rest.y * 9.0, rest.z * 0.8 + rest.x)).b; }
    if (material == 5u) { base = vec3(0.62); gloss = 0.6; }
    pixel = film(seen(linear(base), at, normal, 1.0, gloss));
}
