uniform vec3 palette[6];       // by material; see bodies/figure.py
uniform vec3 second;           // the pattern's other colour
uniform vec2 pattern;          // which, and how fine
uniform vec4 eyes;             // before, beside, above the body's origin; how much beard
uniform sampler2D cloth;
in vec3 at, facing, rest;
flat in uint material;
layout(location = 0) out vec4 pixel;
#ifdef WITH_ID
flat in uint id;
layout(location = 1) out uint number;
#endif

// Brows, lashes, lips and beard, in units of half the distance between the eyes.
vec3 face(vec3 skin) {
    vec3 f = (rest - vec3(eyes.x, 0.0, eyes.z)) / eyes.y;
    if (f.x < -2.2 || f.z > 1.6 || f.z < -4.4) return skin;
    float aside = abs(f.y);
    float jaw = smoothstep(-1.0, -1.7, f.z) * smoothstep(-2.2, -1.4, f.x);
    skin = mix(skin, palette[4] * 0.8, eyes.w * jaw);
    if (f.x < -0.9) return skin;
    float lips = smoothstep(0.36, 0.2, abs(f.z + 2.15)) * smoothstep(0.95, 0.7, aside);
    skin = mix(skin, skin * vec3(0.86, 0.5, 0.48), lips * 0.8);
    skin *= 1.0 - 0.45 * smoothstep(0.1, 0.03, abs(f.z + 2.13)) * step(aside, 0.8);
    float brow = smoothstep(0.2, 0.1, abs(f.z - 0.82 - 0.12 * (aside - 1.0))) * step(0.35, aside) * step(aside, 1.65);
    skin = mix(skin, palette[4] * 0.7, brow * 0.8);
    return skin * (1.0 - 0.5 * smoothstep(1.1, 0.7, length(vec2((aside - 1.0) / 0.62, f.z / 0.34))));
}

void main() {
#ifdef WITH_ID
    number = id;
#endif
    vec3 base = palette[material];
    vec3 normal = normalize(gl_FrontFacing ? facing : -facing);
    float gloss = 0.08;
    // Slanted through the body: no pole, and folds that are longer than broad.
    vec3 fold = texture(cloth, vec2(rest.y * 1.7 + rest.x * 1.1, rest.z * 1.15 + rest.x * 0.5)).rgb;
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
        base *= 0.55 + 0.58 * fold.b;
    }
    if (material == 0u) { gloss = 0.18; base = face(base * (0.93 + 0.1 * fold.b)); }
    if (material == 4u) { gloss = 0.1; base *= 0.55 + 0.7 * texture(cloth, vec2(rest.y * 9.0, rest.z * 0.8 + rest.x)).b; }
    if (material == 5u) {
        vec2 off = vec2(abs(rest.y) - eyes.y, rest.z - eyes.z) / eyes.y;
        base = mix(vec3(0.12, 0.09, 0.07), vec3(0.74), smoothstep(0.16, 0.24, length(off)));
        gloss = 0.6;
    }
    pixel = film(seen(linear(base), at, normal, 1.0, gloss));
}
