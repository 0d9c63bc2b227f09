uniform mat4 view;
uniform mat4 bones[53];
uniform uint person;
in vec3 position, normal;
in vec4 weights;
in uvec4 follows;
in uvec2 kind;                 // material, part
out vec3 at, facing, rest;
flat out uint material;
flat out uint id;
void main() {
    mat4 bone = bones[follows.x] * weights.x + bones[follows.y] * weights.y
              + bones[follows.z] * weights.z + bones[follows.w] * weights.w;
    at = (bone * vec4(position, 1.0)).xyz;
    facing = mat3(bone) * normal;
    rest = position; material = kind.x;
    id = person + (kind.y == 1u || kind.y == 2u ? kind.y : 0u);
    gl_Position = view * vec4(at, 1.0);
}
