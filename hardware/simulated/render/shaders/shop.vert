uniform mat4 view;
in vec3 position, normal, page, colour, finish;
out vec3 at, facing, paper, tint, look;
flat out uint id;
void main() {
    at = position; facing = normal; paper = page; tint = colour; look = finish;
    id = 0u;
    gl_Position = view * vec4(position, 1.0);
}
