uniform usampler2D numbers;
uniform sampler2D depths;
layout(location = 0) out uint pixel;
void main() {
    ivec2 here = ivec2(gl_FragCoord.xy);
    gl_FragDepth = texelFetch(depths, here, 0).r;
    pixel = texelFetch(numbers, here, 0).r;
}
