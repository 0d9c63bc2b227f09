// Light: what a surface sends to the camera, and how the camera's film takes it.
uniform vec3 eye;
uniform sampler3D lamps;       // rgb: where light comes from, a: how much; see light.py
uniform vec3 room_low, room_size;
uniform vec3 lamp_colour, ambient;
uniform float exposure;
uniform sampler2DShadow shadow_map;
uniform mat4 shadow_view;

float lit_share(vec3 at, vec3 normal) {
    vec3 s = (shadow_view * vec4(at + normal * 0.02, 1.0)).xyz * 0.5 + 0.5;
    if (any(lessThan(s, vec3(0.0))) || any(greaterThan(s, vec3(1.0)))) return 1.0;
    // The sampler itself weighs four neighbours; more taps cost more than all other light.
    return texture(shadow_map, vec3(s.xy, s.z - 0.002));
}

vec3 seen(vec3 base, vec3 at, vec3 normal, float shade, float gloss) {
    vec4 lamp = texture(lamps, (at - room_low) / room_size);
    float open = mix(0.45, 1.0, lit_share(at, normal)) * shade;
    float diffuse = max(0.42 * lamp.a + 0.58 * dot(normal, lamp.rgb), 0.0);
    vec3 colour = base * (ambient * shade * (0.72 + 0.28 * normal.z) + lamp_colour * diffuse * open);
    vec3 half_way = normalize(normalize(lamp.rgb + vec3(0.0, 0.0, 1e-4)) + normalize(eye - at));
    float shine = max(dot(normal, half_way), 0.0);
    shine *= shine; shine *= shine; shine *= shine; shine *= shine;
    return colour + lamp_colour * (gloss * 0.22 * shine * shine * open);
}

// The filmic curve of Narkowicz (2015), then a gamma of 2.2, in OpenCV's order of colours.
vec4 film(vec3 light) {
    vec3 c = light * exposure;
    c = c * (2.51 * c + 0.03) / (c * (2.43 * c + 0.59) + 0.14);
    return vec4(pow(clamp(c, 0.0, 1.0), vec3(1.0 / 2.2)).bgr, 1.0);
}

vec3 linear(vec3 s) { return s * (s * (s * 0.305306011 + 0.682171111) + 0.012522878); }
