"""Which commands open a shell or another program, and which only look like it."""

import pytest

from freshrun.shell import opened

SHELLS = """\
bash
bash -l
bash --norc -i
bash --rcfile ~/.other
bash -o pipefail
/bin/bash
sh
zsh -f
dash
busybox sh
exec bash
exec sh
exec "$SHELL"
exec ${SHELL} -l
exec -l bash
exec -a name bash
exec su -l $USER
exec newgrp docker
su
su -
su - postgres
su -l postgres
su -s /bin/sh www-data
su - www-data -s /bin/bash
su --shell=/bin/sh app
sudo su
sudo su -
sudo su - postgres
sudo -i
sudo -s
sudo -iu postgres
sudo -u postgres -i
sudo -H -u app bash
sudo --user=app --login
sudo A=1 bash
newgrp docker
newgrp
sg docker
chroot /mnt
sudo chroot /mnt /bin/bash
sudo chroot --userspec=app /mnt
docker exec -it db bash
docker exec -ti -e A=b db sh
docker run -it --rm ubuntu bash
docker run -it --rm ubuntu
docker compose exec web sh
docker-compose exec web bash
kubectl exec -it pod -- bash
kubectl exec -it -n prod pod -c app -- /bin/sh
oc rsh pod
poetry shell
pipenv shell
nix-shell
nix-shell -p hello
nix develop
ssh app@host
ssh -p 22 host
vagrant ssh
script
cd /tmp && bash
export A=1; exec bash
env A=1 bash
A=1 bash
bash  # the inner one
dbus-run-session bash
ssh-agent bash
script -q typescript
runuser -u app bash
runuser -l app"""

PROGRAMS = {
    "python": "python3|python3.11 -q|python|poetry run python|python3 -i setup.py|sudo python3"
    "|python3 manage.py shell|env A=1 python3|docker run -it python|docker exec -it app python3",
    "psql": "psql|sudo -u postgres psql|psql -U app -d shop|psql -h db.local shop app"
    "|docker exec -it db psql -U postgres -d shop|psql postgresql://a@b/c|sudo -iu postgres psql"
    "|psql --host=a --dbname shop|docker compose exec db psql -U app",
    "mysql": "mysql|sudo mysql|mysql -u root -p|mysql -uroot -psecret shop|mariadb -D shop",
    "sqlite3": "sqlite3|sqlite3 /tmp/a.db|sqlite3 -header -cmd '.mode box' a.db",
    "node": "node|node -i|nodejs|node --experimental-vm-modules",
    "redis-cli": "redis-cli|redis-cli -h db -p 6380|redis-cli -n 2 --no-auth-warning"
    "|redis-cli -u redis://a",
    "other": "irb|bc|bc -l|mongosh|mongosh mongodb://a/b|php -a|ghci|ipython|rails console",
}

NOTHING = """\
bash script.sh
bash -c 'echo a'
bash -lc true
bash -s < file
bash --version
bash <<EOF
sh install.sh
echo 'a' | bash
curl -sSL https://x/y | sudo bash -s -- -y
cat bash
which bash
apt-get install -y bash zsh
echo bash
bash > out
( bash )
bash &
bash | tee log
nohup bash x.sh
timeout 5 bash
su -c id
su app -c 'make all'
su - app -c id
su app script.sh
sudo -l
sudo -u app id
sudo -i id
sudo -u app bash -c id
sudo -v
sudo -b bash
sg docker -c id
sg docker id
newgrp docker <<EOF
chroot /mnt ls
docker exec db bash
docker exec -it db ls
docker exec -it db bash -c 'ls /'
docker run -it --name bash ubuntu ls
docker run -dit ubuntu bash
docker run --rm ubuntu bash -c 'true'
docker compose exec -T db psql
docker exec -it db psql -U postgres -c 'select 1'
kubectl exec pod -- bash
kubectl exec -it pod -- env
poetry install
poetry run pytest
nix-shell --run make
ssh host uptime
ssh -N -L 1:b:2 host
vagrant ssh -c id
python3 -c 'print(1)'
python3 x.py
python3 -m http.server
python3 --version
python3 manage.py migrate
psql -c 'select 1'
psql -lqt
psql -U app -f schema.sql
psql --version
psql shop < dump.sql
mysql -e 'select 1'
mysql shop < dump.sql
sqlite3 a.db 'select 1'
sqlite3 a.db .tables
node x.js
node -e 1
node --version
redis-cli ping
redis-cli -h db ping
redis-cli --scan
lua x.lua
php x.php
command -v bash
type bash
echo "$SHELL"
grep bash /etc/shells
chsh -s /bin/zsh
for i in 1 2; do bash; done
if true; then bash; fi
usermod -s /bin/bash app
script -c 'make' log
docker ps
git commit -m 'open bash'"""


@pytest.mark.parametrize("text", SHELLS.splitlines())
def test_a_shell_is_opened(text: str) -> None:
    """It is given a terminal, and what stands below is typed there."""
    found = opened(text)
    assert found is not None
    assert found.name == "shell"


@pytest.mark.parametrize(
    ("name", "text"), [(name, text) for name, all_ in PROGRAMS.items() for text in all_.split("|")]
)
def test_another_program_is_opened(name: str, text: str) -> None:
    """Each speaks its own language."""
    found = opened(text)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("text", NOTHING.splitlines())
def test_what_is_given_its_work_opens_nothing(text: str) -> None:
    """It ends by itself, has another input than the terminal, or is no such program."""
    assert opened(text) is None


def test_programs_in_front_of_programs_have_an_end() -> None:
    """A hostile text may put thousands of them in front of a shell."""
    assert opened("sudo " * 20 + "bash") is not None
    assert opened("sudo " * 20_000 + "bash") is None
