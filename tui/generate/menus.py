"""What a machine boots from, one file a node: kernel arguments for a console, or the menu of its network loader."""

from tui.generate import records
from tui.generate.templates import file_name, fill
from tui.plan.kernel import ignition_file, kernel_arguments, network_arguments
from tui.plan.model import Node, Plan


def boot_files(plan: Plan, url: str) -> dict[str, str]:
    """By the plan's method: `boot/NODE.txt` to type or bake in, or iPXE, pxelinux and GRUB menus.

    `url` is where images and Ignition files are served, without a slash at its end.
    """
    if plan.boot.method != "pxe":
        return {
            f"boot/{file_name(node.name)}.txt": by_hand(plan, node, url) for node in plan.topology.nodes if node.name
        }
    files = {"pxe/boot.ipxe": fill("boot.ipxe.j2", url=url)}
    for machine in records.machines(plan):
        arguments = kernel_arguments(plan, machine.node, url)
        values = {"name": machine.name, "url": url, "arguments": " ".join(arguments)}
        files[f"pxe/{ipxe_name(machine.node)}"] = fill("node.ipxe.j2", **values)
        if machine.mac:
            slug = f"01-{file_name(machine.mac.replace(':', '-'))}"
            files[f"pxe/pxelinux.cfg/{slug}"] = fill("pxelinux.cfg.j2", **values)
            files[f"pxe/grub.cfg-{slug}"] = fill("grub.cfg.j2", **values)
    return files


def ipxe_name(node: Node) -> str:
    """The node's iPXE script: by its MAC, as iPXE itself can ask for it, else by its name."""
    return f"{file_name(node.mac.replace(':', '-') or node.name).lower()}.ipxe"


def by_hand(plan: Plan, node: Node, url: str) -> str:
    """The kernel arguments of one node, and the command for a person at the live system's console."""
    return fill(
        "node.txt.j2",
        node=node,
        single=plan.topology.shape == "sno",
        arguments=kernel_arguments(plan, node, url),
        network=network_arguments(plan, node),
        url=f"{url}/{ignition_file(plan, node)}",
    )
