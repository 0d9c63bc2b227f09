// What stands, as it was drawn before, under the shadows of those who move.
uniform sampler2D colours, depths;
uniform usampler2D numbers;
uniform mat4 back;             // from clip coordinates to the store's frame
layout(location = 0) out vec4 pixel;
layout(location = 1) out uint number;
void main() {
    ivec2 here = ivec2(gl_FragCoord.xy);
    number = texelFetch(numbers, here, 0).r;
    float depth = texelFetch(depths, here, 0).r;
    gl_FragDepth = depth;
    vec2 size = vec2(textureSize(depths, 0));
    vec4 at = back * vec4(gl_FragCoord.xy / size * 2.0 - 1.0, depth * 2.0 - 1.0, 1.0);
    float open = lit_share(at.xyz / at.w, vec3(0.0, 0.0, 1.0));
    pixel = vec4(texelFetch(colours, here, 0).rgb * mix(0.68, 1.0, open), 1.0);
}
