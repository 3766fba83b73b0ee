PI = 3.14159265358979323
SOLAR_MASS = 4 * PI * PI
DAYS = 365.24


def body(position, velocity, mass):
    return ([*position], [part * DAYS for part in velocity], mass * SOLAR_MASS)


BODIES = [
    body((0.0, 0.0, 0.0), (0.0, 0.0, 0.0), 1.0),
    body((4.84143144246472090, -1.16032004402742839, -0.103622044471123109),
         (0.00166007664274403694, 0.00769901118419740425, -0.0000690460016972063023), 0.000954791938424326609),
    body((8.34336671824457987, 4.12479856412430479, -0.403523417114321381),
         (-0.00276742510726411, 0.00499852801234917238, 0.0000230417297573763929), 0.000285885980666130812),
    body((12.8943695621391310, -15.1111514016986312, -0.223307578892655734),
         (0.00296460137564761618, 0.00237847173959480950, -0.0000296589568540237556), 0.0000436624404335156298),
    body((15.3796971148509165, -25.9193146099879641, 0.179258772950371181),
         (0.00268067772490389322, 0.00162824170038242295, -0.0000951592254519715870), 0.0000515138902046611451),
]


def pairs(bodies):
    return [(bodies[i], bodies[j]) for i in range(len(bodies)) for j in range(i + 1, len(bodies))]


def energy(bodies, couples):
    total = 0.0
    for ((x1, y1, z1), _, m1), ((x2, y2, z2), _, m2) in couples:
        dx, dy, dz = x1 - x2, y1 - y2, z1 - z2
        total -= m1 * m2 / (dx * dx + dy * dy + dz * dz) ** 0.5
    for _, (vx, vy, vz), m in bodies:
        total += m * (vx * vx + vy * vy + vz * vz) / 2.0
    return total


def advance(dt, steps, bodies, couples):
    for _ in range(steps):
        for ((x1, y1, z1), v1, m1), ((x2, y2, z2), v2, m2) in couples:
            dx = x1 - x2
            dy = y1 - y2
            dz = z1 - z2
            magnitude = dt * (dx * dx + dy * dy + dz * dz) ** -1.5
            b1 = m1 * magnitude
            b2 = m2 * magnitude
            v1[0] -= dx * b2
            v1[1] -= dy * b2
            v1[2] -= dz * b2
            v2[0] += dx * b1
            v2[1] += dy * b1
            v2[2] += dz * b1
        for r, (vx, vy, vz), _ in bodies:
            r[0] += dt * vx
            r[1] += dt * vy
            r[2] += dt * vz


COUPLES = pairs(BODIES)
print(f"{energy(BODIES, COUPLES):.9f}")
advance(0.01, 50000, BODIES, COUPLES)
print(f"{energy(BODIES, COUPLES):.9f}")
