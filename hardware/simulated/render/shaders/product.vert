uniform mat4 view;
in vec3 position, normal;
in vec2 uv;
in vec4 row_x, row_y, row_z;   // where this piece stands: rows of an affine map
in vec4 piece;                 // label's layer, id, gloss, shade
out vec3 at, facing;
out vec2 print_uv;
flat out vec4 kind;
flat out uint id;
void main() {
    vec4 p = vec4(position, 1.0);
    at = vec3(dot(row_x, p), dot(row_y, p), dot(row_z, p));
    facing = vec3(dot(row_x.xyz, normal), dot(row_y.xyz, normal), dot(row_z.xyz, normal));
    print_uv = uv; kind = piece; id = uint(piece.y);
    gl_Position = view * vec4(at, 1.0);
}
